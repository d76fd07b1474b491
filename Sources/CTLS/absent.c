// TLS left out: every function says so.
#ifdef TLS_ABSENT
#include "CTLS.h"

int tls_is_available(void) { return 0; }

tls_client *tls_client_new(const char *name, tls_file authority, tls_file certificate, tls_file key, tls_status *status) {
  (void)name, (void)authority, (void)certificate, (void)key;
  *status = tls_absent;
  return NULL;
}

void tls_client_free(tls_client *client) { (void)client; }

tls_status tls_begin(tls_client *client, int descriptor) {
  (void)client, (void)descriptor;
  return tls_absent;
}

tls_status tls_handshake(tls_client *client) {
  (void)client;
  return tls_absent;
}

ptrdiff_t tls_send(tls_client *client, const void *bytes, size_t count) {
  (void)client, (void)bytes, (void)count;
  return -1;
}

ptrdiff_t tls_receive(tls_client *client, void *bytes, size_t count) {
  (void)client, (void)bytes, (void)count;
  return -1;
}

void tls_end(tls_client *client) { (void)client; }

int tls_alert(const tls_client *client) {
  (void)client;
  return -1;
}

uint64_t tls_bytes_sent(const tls_client *client) {
  (void)client;
  return 0;
}

uint64_t tls_bytes_received(const tls_client *client) {
  (void)client;
  return 0;
}
#endif
