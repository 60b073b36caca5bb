// The answer of CheckLicense. The client library has this file inside, too (client/CMakeLists.txt).
#ifndef LMP_SERVER_WIRE_LICENSE_CHECK_H_
#define LMP_SERVER_WIRE_LICENSE_CHECK_H_

#include "absl/time/time.h"
#include "lmp/v1/license_requests.pb.h"
#include "server/domain/license/license_check.h"

namespace lmp::wire {

// All but read_time.
void RenderLicenseCheck(const domain::LicenseCheck& check, v1::CheckLicenseResponse* out);
void RenderLicenseCheck(const domain::LicenseCheck& check, absl::Time read_time, v1::CheckLicenseResponse* out);

}  // namespace lmp::wire

#endif  // LMP_SERVER_WIRE_LICENSE_CHECK_H_
