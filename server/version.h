#ifndef LMP_SERVER_VERSION_H_
#define LMP_SERVER_VERSION_H_

namespace lmp::server {

// The version of this program, like "1.2.3".
const char* Version();

}  // namespace lmp::server

#endif  // LMP_SERVER_VERSION_H_
