#include "client/src/request_id.h"

#include <gtest/gtest.h>

#include "lmp/v1/licensing_service.pb.h"

namespace lmp::client {
namespace {

TEST(Uuid, HasVersionFourAndVariantOneWhateverTheBits) {
  EXPECT_EQ(Uuid(0, 0), "00000000-0000-4000-8000-000000000000");
  EXPECT_EQ(Uuid(~uint64_t{0}, ~uint64_t{0}), "ffffffff-ffff-4fff-bfff-ffffffffffff");
  EXPECT_EQ(Uuid(0x0123456789abcdef, 0x0123456789abcdef), "01234567-89ab-4def-8123-456789abcdef");
}

TEST(RequestId, IsThatOfAMutationAndNoneOfARead) {
  v1::AssignServicePlanRequest mutation;
  EXPECT_EQ(RequestId(mutation), "");
  mutation.set_request_id("x");
  EXPECT_EQ(RequestId(mutation), "x");
  EXPECT_EQ(RequestId(v1::CheckLicenseRequest()), std::nullopt);
}

TEST(WithRequestId, KeepsTheRestOfTheRequest) {
  v1::AssignServicePlanRequest request;
  request.set_parent("customers/acme");
  const auto copy = WithRequestId(request, "id");
  EXPECT_EQ(copy->DebugString(), "parent: \"customers/acme\"\nrequest_id: \"id\"\n");
  EXPECT_TRUE(request.request_id().empty());
}

}  // namespace
}  // namespace lmp::client
