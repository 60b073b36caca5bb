// Whose time passes, and what the end of a license is: the part of due.h that readers need who only answer whether a
// license may be used. The client library links it, so it depends on nothing but the rows.
#ifndef LMP_SERVER_DOMAIN_SUBSCRIPTION_DUE_DATES_H_
#define LMP_SERVER_DOMAIN_SUBSCRIPTION_DUE_DATES_H_

#include <string>

#include "storage/model/world.h"

namespace lmp::domain {

// Changes and renewals of a disabled customer wait until the customer is enabled; its licenses keep their original
// expirations [LMP].
bool Waits(const model::World& world, const std::string& customer_id);

// True if the customer's subscriptions renew and change. If it returns false, licenses can only end, as those of a
// canceled partner do.
bool GoesOn(const model::World& world, const std::string& customer_id);

// Closes a license at its end, with the dates as they were shown.
void Close(const model::World& world, model::License& license);

// For a reader: closes a license to which nothing but its end was due, by `today`. Returns false if something else is
// due as well that changes what a reader sees, a renewal or a scheduled change: then it is as ApplyNextDue makes it.
// What the history tells of a coming end changes nothing to see, and is not looked at.
bool CloseIfOver(const model::World& world, model::License& license, model::Date today);

}  // namespace lmp::domain

#endif  // LMP_SERVER_DOMAIN_SUBSCRIPTION_DUE_DATES_H_
