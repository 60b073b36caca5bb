// lmp.v1.LicensingService: the table of its RPCs.
#ifndef LMP_SERVER_SERVICES_LICENSING_SERVICE_H_
#define LMP_SERVER_SERVICES_LICENSING_SERVICE_H_

#include "server/services/rpc_service.h"
#include "server/token_keys.h"

namespace lmp::server {

class LicensingService final : public RpcService {
 public:
  // `token_keys` outlives it.
  LicensingService(Engines engines, TokenKeys& token_keys);

 private:
  void AddTokens(engine::WriteEngine& writes, TokenKeys& token_keys);
};

}  // namespace lmp::server

#endif  // LMP_SERVER_SERVICES_LICENSING_SERVICE_H_
