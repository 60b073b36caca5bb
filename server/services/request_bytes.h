// The bytes of a request, in one piece and decompressed.
#ifndef LMP_SERVER_SERVICES_REQUEST_BYTES_H_
#define LMP_SERVER_SERVICES_REQUEST_BYTES_H_

#include <grpcpp/support/byte_buffer.h>

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace lmp::server {

// If gRPC received only one slice, this shares the slice. A compressed message (gzip or deflate) is decompressed up to
// `most` bytes and no further, whatever its full size would be.
class RequestBytes final {
 public:
  RequestBytes(const grpc::ByteBuffer& buffer, size_t most);
  RequestBytes(const RequestBytes&) = delete;
  RequestBytes& operator=(const RequestBytes&) = delete;

  // INVALID_ARGUMENT if the message can't be decompressed, or would be too large.
  const absl::Status& status() const { return status_; }
  absl::string_view view() const { return view_; }

 private:
  void Unpack(const grpc::ByteBuffer& buffer, size_t most);

  grpc::Slice only_;
  std::string joined_;
  absl::string_view view_;
  absl::Status status_;
};

}  // namespace lmp::server

#endif  // LMP_SERVER_SERVICES_REQUEST_BYTES_H_
