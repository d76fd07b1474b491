// zlib's interface, as Debian's zlib1g-dev installs it.
#ifndef TRIBUTARY_CZLIB_H
#define TRIBUTARY_CZLIB_H

#include <zlib.h>

#endif
