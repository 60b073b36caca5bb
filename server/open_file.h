// A file of the C library, which functions of OpenSSL read and write.
#ifndef LMP_SERVER_OPEN_FILE_H_
#define LMP_SERVER_OPEN_FILE_H_

#include <cstdio>
#include <memory>

namespace lmp::server {

// A type of our own: std::fclose has attributes that a template's argument would lose, of which GCC warns.
struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using OpenFile = std::unique_ptr<std::FILE, CloseFile>;

}  // namespace lmp::server

#endif  // LMP_SERVER_OPEN_FILE_H_
