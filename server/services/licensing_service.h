// lmp.v1.LicensingService: the table of its RPCs.
#ifndef LMP_SERVER_SERVICES_LICENSING_SERVICE_H_
#define LMP_SERVER_SERVICES_LICENSING_SERVICE_H_

#include "server/services/rpc_service.h"

namespace lmp::server {

class LicensingService final : public RpcService {
 public:
  explicit LicensingService(Engines engines);
};

}  // namespace lmp::server

#endif  // LMP_SERVER_SERVICES_LICENSING_SERVICE_H_
