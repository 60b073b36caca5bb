// What the history tells of a license's coming end: that its notice begins, and that it has expired. Time tells each in
// an event of its own, on its exact day (subscription/due.h). What a decision brings about (auto-renewal is turned off
// within the notice, a suspension ends in grace) the events of the decision tell. Either way it is told once: the
// license has in `announced_date` how far the history has come.
//
// Told is what the license itself shows: that its customer is disabled, or its partner canceled, hides it from readers
// and not from the history. While the license is suspended, or waits for the first sign-in, it shows something else:
// then nothing is told.
#ifndef LMP_SERVER_DOMAIN_LICENSE_ANNOUNCEMENT_H_
#define LMP_SERVER_DOMAIN_LICENSE_ANNOUNCEMENT_H_

#include <optional>

#include "server/domain/license/license_status.h"
#include "storage/model/world.h"

namespace lmp::domain {

// What the history has told last: ACTIVE (nothing yet), EXPIRING_SOON or GRACE.
model::LicenseState AnnouncedState(const model::License& license);
void Announce(model::License& license, model::LicenseState state);

// What time will tell next, and on which day: the day on which the license shows this state first. Nothing for a
// license that renews, even if its renewal waits for a disabled customer. A license without grace has no GRACE. The
// overlays are those of the world (OverlaysIn).
struct Announcement {
  Date day;
  model::LicenseState state = model::LicenseState::kUnspecified;  // EXPIRING_SOON or GRACE
};
std::optional<Announcement> NextAnnouncement(const model::World& world, const model::License& license,
                                             const StateOverlays& overlays);

// Has the event of a license of which all had been told tell what it shows now.
void AnnounceShown(const model::World& world, model::License& license, Date day);

// Has the events of a decision tell what it changed in this: for licenses of which all had been told. What time has yet
// to tell, it tells. Of an end that the decision moved, nothing was told.
void AnnounceDecided(const model::World& before, model::World& after, Date today);

}  // namespace lmp::domain

#endif  // LMP_SERVER_DOMAIN_LICENSE_ANNOUNCEMENT_H_
