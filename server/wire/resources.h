// Includes every noun on the wire, for code that walks over all of them: the lists, the history, the changes of a
// preview.
#ifndef LMP_SERVER_WIRE_RESOURCES_H_
#define LMP_SERVER_WIRE_RESOURCES_H_

#include "server/wire/api_key.h"
#include "server/wire/customer.h"
#include "server/wire/license.h"
#include "server/wire/license_pool.h"
#include "server/wire/license_token.h"
#include "server/wire/partner.h"
#include "server/wire/product.h"
#include "server/wire/registration_key.h"
#include "server/wire/scheduled_change.h"
#include "server/wire/service_plan.h"
#include "server/wire/subscription.h"

#endif  // LMP_SERVER_WIRE_RESOURCES_H_
