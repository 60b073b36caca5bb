// lmp.v1.CustomerService: the table of its RPCs.
#ifndef LMP_SERVER_SERVICES_CUSTOMER_SERVICE_H_
#define LMP_SERVER_SERVICES_CUSTOMER_SERVICE_H_

#include "server/services/rpc_service.h"

namespace lmp::server {

class CustomerService final : public RpcService {
 public:
  explicit CustomerService(Engines engines);
};

}  // namespace lmp::server

#endif  // LMP_SERVER_SERVICES_CUSTOMER_SERVICE_H_
