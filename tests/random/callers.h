// Who makes a request of a history, and what the model says of that: what a role may is in the reviewed page
// (server/auth/permissions.txt), and for who is bound to a partner or a customer there is nothing but what is theirs.
#ifndef LMP_TESTS_RANDOM_CALLERS_H_
#define LMP_TESTS_RANDOM_CALLERS_H_

#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/random/model.h"
#include "tests/random/requests.h"
#include "tests/random/step.h"

namespace lmp::random_test {

// Mostly the administrator; else somebody with one role, rather bound than not.
Caller SomeCaller(Dice& dice, const World& world);

// Whether the page gives the caller's role this RPC.
bool Permits(const Caller& caller, const std::string& method);

// What a request does that this caller makes. What is another's is for it as if it were not there: so the request is
// judged in a world without that, and only if it is accepted there, in the whole one.
Verdict DecideFor(const Caller& caller, const Verb& verb, const google::protobuf::Message& request, World& world);

// What the caller may change: its partner's; nothing if it is bound to a customer.
bool MayChange(const Caller& caller, const std::string& partner);
// What it may read: also what is of partners below its own.
bool MayRead(const World& world, const Caller& caller, const std::string& partner);
bool MayReadCustomer(const World& world, const Caller& caller, const std::string& customer);

// Names of all that lists show this caller, by method: "ListCustomers" → {"customers/a", …}.
std::map<std::string, std::set<std::string>> NamesFor(const World& world, const Caller& caller);

}  // namespace lmp::random_test

#endif  // LMP_TESTS_RANDOM_CALLERS_H_
