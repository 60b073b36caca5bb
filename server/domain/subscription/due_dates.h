// On which day time changes something next, and what the end of a license is: the part of due.h that readers need who
// only answer whether a license may be used. The client library links it, so it depends on nothing but the rows.
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

// Sets the marks that tell a reader at a glance: `due_date` of the licenses that are not closed (the next day on which
// ApplyNextDue would do something about them) and `pending_changes` of the subscriptions.
void SetDueDates(model::World& world);

// Closes a license at its end, with the dates as they were shown.
void Close(const model::World& world, model::License& license);

// For a reader: closes a license to which nothing but its end was due, by `today`. Returns false if something else is
// due as well, a renewal or a scheduled change: then it is as ApplyNextDue makes it. The marks must be set.
bool CloseIfOver(const model::World& world, model::License& license, model::Date today);

}  // namespace lmp::domain

#endif  // LMP_SERVER_DOMAIN_SUBSCRIPTION_DUE_DATES_H_
