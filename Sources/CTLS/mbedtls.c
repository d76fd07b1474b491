#ifndef TLS_ABSENT
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "CTLS.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>

#include <mbedtls/ssl.h>
#include <mbedtls/x509_crt.h>

struct tls_client {
  mbedtls_ssl_config settings;
  mbedtls_ssl_context connection;
  /// The last session, to be resumed; its `ciphersuite` is 0 where there is none.
  mbedtls_ssl_session session;
  mbedtls_x509_crt authority, certificate;
  mbedtls_pk_context key;
  /// The peer's address, where it goes by that: 4 or 16 bytes, in network order.
  uint8_t address[16];
  size_t address_size;
  int has_certificate;
  int descriptor;
  /// What was wrong with the peer's certificates (MBEDTLS_X509_BADCERT_…).
  uint32_t flaws;
  int alert;
  /// Bytes of a record that could not be sent whole: the same must be given again.
  size_t unfinished;
  /// Bytes that this call may still read.
  size_t budget;
  uint64_t sent, received;
};

/// More than the longest record.
enum { read_budget = 32768 };

/// ECDHE and authenticated encryption. The one that is fast without instructions for AES comes first.
static const int suites[] = {
    MBEDTLS_TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
    MBEDTLS_TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
    MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
    MBEDTLS_TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
    MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
    MBEDTLS_TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
    0,
};

static const mbedtls_ecp_group_id curves[] = {
    MBEDTLS_ECP_DP_CURVE25519, MBEDTLS_ECP_DP_SECP256R1, MBEDTLS_ECP_DP_SECP384R1, MBEDTLS_ECP_DP_NONE};

static int random_bytes(void *unused, unsigned char *bytes, size_t count) {
  (void)unused;
  while (count > 0) {
    ssize_t got = getrandom(bytes, count, 0);
    if (got < 0 && errno != EINTR) return MBEDTLS_ERR_SSL_INTERNAL_ERROR;
    if (got > 0) bytes += got, count -= (size_t)got;
  }
  return 0;
}

static int would_wait(void) { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

/// What a connection that has ended does not take counts as sent: reading then tells that it has ended, and what the peer said before.
static int put(void *context, const unsigned char *bytes, size_t count) {
  tls_client *client = context;
  ssize_t taken = send(client->descriptor, bytes, count, MSG_NOSIGNAL);
  if (taken < 0) return would_wait() ? MBEDTLS_ERR_SSL_WANT_WRITE : (int)count;
  client->sent += (uint64_t)taken;
  return (int)taken;
}

static int take(void *context, unsigned char *bytes, size_t count) {
  tls_client *client = context;
  if (client->budget == 0) return MBEDTLS_ERR_SSL_WANT_READ;
  ssize_t got = recv(client->descriptor, bytes, count < client->budget ? count : client->budget, 0);
  if (got < 0) return would_wait() ? MBEDTLS_ERR_SSL_WANT_READ : MBEDTLS_ERR_SSL_CONN_EOF;
  client->budget -= (size_t)got;
  client->received += (uint64_t)got;
  return (int)got;
}

/// Whether one of a certificate's alternative names is the address (RFC 5280, 4.2.1.6): mbedTLS 2.28 compares host names only.
static int carries_address(const mbedtls_x509_crt *certificate, const uint8_t *address, size_t size) {
  const unsigned char address_tag = MBEDTLS_ASN1_CONTEXT_SPECIFIC | MBEDTLS_X509_SAN_IP_ADDRESS;
  for (const mbedtls_x509_sequence *name = &certificate->subject_alt_names; name != NULL; name = name->next)
    if (name->buf.tag == address_tag && name->buf.len == size && memcmp(name->buf.p, address, size) == 0) return 1;
  return 0;
}

/// Called for each certificate of the peer's chain; its own has depth 0.
static int check_certificate(void *context, mbedtls_x509_crt *certificate, int depth, uint32_t *flaws) {
  tls_client *client = context;
  if (depth == 0 && client->address_size > 0 && !carries_address(certificate, client->address, client->address_size))
    *flaws |= MBEDTLS_X509_BADCERT_CN_MISMATCH;
  client->flaws |= *flaws;
  return 0;
}

/// Reads the device's own certificate and key, which must belong together.
static tls_status read_identity(tls_client *client, tls_file certificate, tls_file key) {
  if (mbedtls_x509_crt_parse(&client->certificate, certificate.bytes, certificate.size) != 0) return tls_bad_certificate;
  int result = mbedtls_pk_parse_key(&client->key, key.bytes, key.size, NULL, 0);
  if (result == MBEDTLS_ERR_PK_PASSWORD_REQUIRED) return tls_locked_key;
  if (result != 0) return tls_bad_key;
  if (mbedtls_pk_check_pair(&client->certificate.pk, &client->key) != 0) return tls_other_key;
  client->has_certificate = 1;
  return mbedtls_ssl_conf_own_cert(&client->settings, &client->certificate, &client->key) == 0 ? tls_done : tls_no_memory;
}

static tls_status set_up(tls_client *client, const char *name, tls_file authority, tls_file certificate, tls_file key) {
  mbedtls_ssl_config *settings = &client->settings;
  if (mbedtls_ssl_config_defaults(settings, MBEDTLS_SSL_IS_CLIENT, MBEDTLS_SSL_TRANSPORT_STREAM, MBEDTLS_SSL_PRESET_DEFAULT) != 0)
    return tls_no_memory;
  mbedtls_ssl_conf_min_version(settings, MBEDTLS_SSL_MAJOR_VERSION_3, MBEDTLS_SSL_MINOR_VERSION_3);
  mbedtls_ssl_conf_ciphersuites(settings, suites);
  mbedtls_ssl_conf_curves(settings, curves);
  mbedtls_ssl_conf_cert_profile(settings, &mbedtls_x509_crt_profile_next);
  mbedtls_ssl_conf_authmode(settings, MBEDTLS_SSL_VERIFY_REQUIRED);
  mbedtls_ssl_conf_verify(settings, check_certificate, client);
  mbedtls_ssl_conf_session_tickets(settings, MBEDTLS_SSL_SESSION_TICKETS_ENABLED);
  mbedtls_ssl_conf_rng(settings, random_bytes, NULL);
  if (mbedtls_x509_crt_parse(&client->authority, authority.bytes, authority.size) != 0) return tls_bad_authority;
  mbedtls_ssl_conf_ca_chain(settings, &client->authority, NULL);
  if (certificate.size > 0) {
    tls_status status = read_identity(client, certificate, key);
    if (status != tls_done) return status;
  }
  if (mbedtls_ssl_setup(&client->connection, settings) != 0) return tls_no_memory;
  if (inet_pton(AF_INET, name, client->address) == 1) client->address_size = 4;
  if (inet_pton(AF_INET6, name, client->address) == 1) client->address_size = 16;
  return mbedtls_ssl_set_hostname(&client->connection, client->address_size > 0 ? NULL : name) == 0 ? tls_done : tls_no_memory;
}

int tls_is_available(void) { return 1; }

tls_client *tls_client_new(const char *name, tls_file authority, tls_file certificate, tls_file key, tls_status *status) {
  tls_client *client = calloc(1, sizeof *client);
  *status = tls_no_memory;
  if (client == NULL) return NULL;
  client->descriptor = client->alert = -1;
  mbedtls_ssl_config_init(&client->settings);
  mbedtls_ssl_init(&client->connection);
  mbedtls_ssl_session_init(&client->session);
  mbedtls_x509_crt_init(&client->authority);
  mbedtls_x509_crt_init(&client->certificate);
  mbedtls_pk_init(&client->key);
  *status = set_up(client, name, authority, certificate, key);
  if (*status == tls_done) return client;
  tls_client_free(client);
  return NULL;
}

void tls_client_free(tls_client *client) {
  mbedtls_ssl_free(&client->connection);
  mbedtls_ssl_session_free(&client->session);
  mbedtls_ssl_config_free(&client->settings);
  mbedtls_x509_crt_free(&client->authority);
  mbedtls_x509_crt_free(&client->certificate);
  mbedtls_pk_free(&client->key);
  free(client);
}

tls_status tls_begin(tls_client *client, int descriptor) {
  client->descriptor = descriptor;
  client->flaws = 0;
  client->alert = -1;
  client->unfinished = 0;
  mbedtls_ssl_set_bio(&client->connection, client, put, take, NULL);
  if (mbedtls_ssl_session_reset(&client->connection) != 0) return tls_no_memory;
  if (client->session.ciphersuite != 0 && mbedtls_ssl_set_session(&client->connection, &client->session) != 0) return tls_no_memory;
  return tls_done;
}

static tls_status flaw(uint32_t flaws) {
  if (flaws & MBEDTLS_X509_BADCERT_NOT_TRUSTED) return tls_unknown_authority;
  if (flaws & MBEDTLS_X509_BADCERT_EXPIRED) return tls_expired;
  if (flaws & MBEDTLS_X509_BADCERT_FUTURE) return tls_not_yet_valid;
  return flaws & MBEDTLS_X509_BADCERT_CN_MISMATCH ? tls_wrong_name : tls_unsuitable_certificate;
}

/// What a failed handshake means.
static tls_status failure(tls_client *client, int result) {
  const mbedtls_ssl_context *connection = &client->connection;
  switch (result) {
  case MBEDTLS_ERR_SSL_ALLOC_FAILED: return tls_no_memory;
  case MBEDTLS_ERR_SSL_CONN_EOF:
  case MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY: return tls_closed;
  case MBEDTLS_ERR_SSL_BAD_HS_CERTIFICATE: // not meant for a peer, where nothing else is wrong
  case MBEDTLS_ERR_X509_CERT_VERIFY_FAILED: return flaw(client->flaws);
  case MBEDTLS_ERR_SSL_BAD_HS_PROTOCOL_VERSION: return tls_too_old;
  case MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE:
    client->alert = connection->in_msg[1];
    if (client->alert == MBEDTLS_SSL_ALERT_MSG_PROTOCOL_VERSION) return tls_too_old;
    return connection->client_auth && !client->has_certificate ? tls_certificate_wanted : tls_refused;
  default: return connection->state <= MBEDTLS_SSL_SERVER_HELLO ? tls_not_tls : tls_broken;
  }
}

tls_status tls_handshake(tls_client *client) {
  client->budget = read_budget;
  int result = mbedtls_ssl_handshake(&client->connection);
  if (result == MBEDTLS_ERR_SSL_WANT_READ) return tls_wants_read;
  if (result == MBEDTLS_ERR_SSL_WANT_WRITE) return tls_wants_write;
  mbedtls_ssl_session_free(&client->session);
  if (result != 0) return failure(client, result);
  return mbedtls_ssl_get_session(&client->connection, &client->session) == 0 ? tls_done : tls_no_memory;
}

ptrdiff_t tls_send(tls_client *client, const void *bytes, size_t count) {
  if (client->unfinished > 0 && client->unfinished < count) count = client->unfinished;
  int result = mbedtls_ssl_write(&client->connection, bytes, count);
  client->unfinished = result == MBEDTLS_ERR_SSL_WANT_WRITE ? count : 0;
  if (result == MBEDTLS_ERR_SSL_WANT_WRITE) return 0;
  return result > 0 ? result : -1;
}

ptrdiff_t tls_receive(tls_client *client, void *bytes, size_t count) {
  client->budget = read_budget;
  int result = mbedtls_ssl_read(&client->connection, bytes, count);
  if (result == MBEDTLS_ERR_SSL_WANT_READ || result == MBEDTLS_ERR_SSL_WANT_WRITE) return 0;
  return result > 0 ? result : -1;
}

void tls_end(tls_client *client) {
  if (client->connection.state == MBEDTLS_SSL_HANDSHAKE_OVER) mbedtls_ssl_close_notify(&client->connection);
  client->descriptor = -1;
}

int tls_alert(const tls_client *client) { return client->alert; }

uint64_t tls_bytes_sent(const tls_client *client) { return client->sent; }

uint64_t tls_bytes_received(const tls_client *client) { return client->received; }
#endif
