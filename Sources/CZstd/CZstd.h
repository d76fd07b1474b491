// Zstandard's stable interface, as Debian's libzstd-dev installs it.
#ifndef TRIBUTARY_CZSTD_H
#define TRIBUTARY_CZSTD_H

#include <zstd.h>

#endif
