// The bytes of a request, in one piece and unpacked.
#ifndef LMP_SERVER_SERVICES_REQUEST_BYTES_H_
#define LMP_SERVER_SERVICES_REQUEST_BYTES_H_

#include <grpcpp/support/byte_buffer.h>

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace lmp::server {

// Shares the slice that gRPC received, if it is only one. A compressed message (gzip or deflate) is unpacked up to
// `most` bytes and no further, whatever it would become.
class RequestBytes final {
 public:
  RequestBytes(const grpc::ByteBuffer& buffer, size_t most);
  RequestBytes(const RequestBytes&) = delete;
  RequestBytes& operator=(const RequestBytes&) = delete;

  // INVALID_ARGUMENT: it can't be unpacked, or would be too large.
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
