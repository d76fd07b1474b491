// FreeType's interface, as Debian's libfreetype-dev installs it.
#ifndef TRIBUTARY_CFREETYPE_H
#define TRIBUTARY_CFREETYPE_H

#include <ft2build.h>
#include FT_FREETYPE_H

#endif
