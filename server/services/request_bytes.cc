#include "server/services/request_bytes.h"

#include <google/protobuf/io/gzip_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <grpc/impl/codegen/grpc_types.h>

#include <cstring>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

namespace lmp::server {
namespace {

// A ByteBuffer has no function that tells its compression algorithm. But gRPC promises (byte_buffer.h) that it is
// nothing but this pointer.
grpc_compression_algorithm AlgorithmOf(const grpc::ByteBuffer& buffer) {
  const grpc_byte_buffer* raw = nullptr;
  static_assert(sizeof(buffer) == sizeof(raw));
  std::memcpy(&raw, &buffer, sizeof(raw));  // NOLINT(bugprone-undefined-memory-manipulation): see above
  return raw == nullptr ? GRPC_COMPRESS_NONE : raw->data.raw.compression;
}

absl::string_view ViewOf(const grpc::Slice& slice) {
  return {reinterpret_cast<const char*>(slice.begin()), slice.size()};
}

}  // namespace

RequestBytes::RequestBytes(const grpc::ByteBuffer& buffer, size_t most) {
  if (buffer.TrySingleSlice(&only_).ok()) {  // true nearly always
    view_ = ViewOf(only_);
    return;
  }
  std::vector<grpc::Slice> slices;
  if (!buffer.Dump(&slices).ok()) {
    status_ = absl::InvalidArgumentError("the request could not be read");
    return;
  }
  joined_.reserve(buffer.Length());
  for (const grpc::Slice& slice : slices) absl::StrAppend(&joined_, ViewOf(slice));
  view_ = joined_;
  if (AlgorithmOf(buffer) != GRPC_COMPRESS_NONE) Unpack(buffer, most);
}

void RequestBytes::Unpack(const grpc::ByteBuffer& buffer, size_t most) {
  using google::protobuf::io::GzipInputStream;
  google::protobuf::io::ArrayInputStream packed(joined_.data(), static_cast<int>(joined_.size()));
  GzipInputStream stream(&packed,
                         AlgorithmOf(buffer) == GRPC_COMPRESS_GZIP ? GzipInputStream::GZIP : GzipInputStream::ZLIB);
  std::string unpacked;
  const void* chunk = nullptr;
  int size = 0;
  while (stream.Next(&chunk, &size)) {
    unpacked.append(static_cast<const char*>(chunk), static_cast<size_t>(size));
    if (unpacked.size() <= most) continue;
    status_ =
        absl::InvalidArgumentError(absl::StrCat("the request is larger than ", most, " bytes when it is unpacked"));
    return;
  }
  if (stream.ZlibErrorCode() < 0) status_ = absl::InvalidArgumentError("the request could not be unpacked");
  joined_ = std::move(unpacked);
  view_ = joined_;
}

}  // namespace lmp::server
