// A TLS client over a non-blocking TCP socket, behind an interface without any type of the library that does it (mbedTLS 2.28).
// It speaks TLS 1.2 with ECDHE and authenticated encryption only, always verifies the peer, and resumes its last session.
// Where TLS is left out (TLS_ABSENT), the same functions say so.
#ifndef TRIBUTARY_CTLS_H
#define TRIBUTARY_CTLS_H

#include <stddef.h>
#include <stdint.h>

/// How far an operation came, or why it cannot go on.
typedef enum {
  tls_done,
  /// Call again once the descriptor can be read, or written.
  tls_wants_read,
  tls_wants_write,
  tls_absent,
  tls_no_memory,
  // What is wrong with the files.
  tls_bad_authority,
  tls_bad_certificate,
  tls_bad_key,
  tls_locked_key,
  tls_other_key,
  // What is wrong with the peer.
  tls_closed,
  tls_not_tls,
  tls_too_old,
  tls_unknown_authority,
  tls_expired,
  tls_not_yet_valid,
  tls_wrong_name,
  tls_unsuitable_certificate,
  /// The peer ended the handshake: `tls_alert` tells why.
  tls_refused,
  /// The peer refused a device that showed no certificate.
  tls_certificate_wanted,
  tls_broken,
} tls_status;

/// The bytes of a PEM file with a zero behind them (counted in `size`), or of a DER file; none where `size` is 0.
typedef struct {
  const uint8_t *bytes;
  size_t size;
} tls_file;

/// Whom a device trusts, who it is, and one connection at a time.
typedef struct tls_client tls_client;

int tls_is_available(void);

/// Makes a client for a peer of that name, a host's name or a numeric address, which the peer's certificate must carry.
/// `certificate` and `key` may both be none. Returns NULL with the reason in `status`.
tls_client *tls_client_new(const char *name, tls_file authority, tls_file certificate, tls_file key, tls_status *status);
void tls_client_free(tls_client *client);

/// Begins a connection over a connected non-blocking descriptor, which stays the caller's.
tls_status tls_begin(tls_client *client, int descriptor);

/// Goes on with the handshake as far as the descriptor allows.
tls_status tls_handshake(tls_client *client);

/// Returns the bytes taken, 0 where the descriptor must be written first, -1 where the connection has ended. After 0 the next call's bytes
/// must begin with the same ones.
ptrdiff_t tls_send(tls_client *client, const void *bytes, size_t count);

/// Returns the bytes that came, at most `count`; 0 where the descriptor must be read first, -1 where the connection has ended. A call reads
/// a bounded amount, however much the peer sends.
ptrdiff_t tls_receive(tls_client *client, void *bytes, size_t count);

/// Takes leave of the peer as far as the descriptor allows.
void tls_end(tls_client *client);

/// The number of the peer's last fatal alert (RFC 5246, 7.2), or -1.
int tls_alert(const tls_client *client);

/// Bytes that went over descriptors since the client was made, the handshakes' and those around the records included.
uint64_t tls_bytes_sent(const tls_client *client);
uint64_t tls_bytes_received(const tls_client *client);

#endif
