// Zstandard's stable interface, as Debian's libzstd-dev installs it.
#ifndef TRIBUTARY_CZSTD_H
#define TRIBUTARY_CZSTD_H

#include <zstd.h>

// The builder of dictionaries, which devices do without.
#if __has_include(<zdict.h>)
#include <zdict.h>
#endif

#endif
