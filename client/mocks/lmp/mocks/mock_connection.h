#ifndef LMP_MOCKS_MOCK_CONNECTION_H_
#define LMP_MOCKS_MOCK_CONNECTION_H_

#include <gmock/gmock.h>

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "lmp/connection.h"

namespace lmp::client {

// For tests of code that uses a client: LicensingClient client(std::make_shared<MockConnection>()).
//
//   v1::CheckLicenseResponse usable;
//   usable.set_usable(true);
//   EXPECT_CALL(*connection, Call(Rpc("CheckLicense"), _, _, _)).WillOnce(Answer(usable));
//
// Errors with details are made by FromRpcStatus (lmp/error.h).
class MockConnection : public Connection {
 public:
  MOCK_METHOD(absl::Status, Call,
              (absl::string_view method, const google::protobuf::Message& request, google::protobuf::Message& response,
               const CallOptions& options),
              (override));
};

// Matches the path of the RPC with this name.
inline auto Rpc(absl::string_view name) {
  return testing::Truly(
      [suffix = absl::StrCat("/", name)](absl::string_view method) { return absl::EndsWith(method, suffix); });
}

// An action that succeeds with this response, which must be of the method's response type.
ACTION_P(Answer, response) {
  arg2.CopyFrom(response);
  return absl::OkStatus();
}

}  // namespace lmp::client

#endif  // LMP_MOCKS_MOCK_CONNECTION_H_
