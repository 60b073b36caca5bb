#include "server/version.h"

namespace lmp::server {

const char* Version() { return LMP_VERSION; }

}  // namespace lmp::server
