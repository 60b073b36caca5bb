#include "server/auth/auth_file.h"

#define TOML_EXCEPTIONS 0
// Not all that the library asserts of a file is true ("[[[a"); where it is not, the library goes on and finds the
// mistake.
#define TOML_ASSERT(expr) static_assert(true)
#include <toml++/toml.h>

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "server/domain/text.h"

namespace lmp::auth {
namespace {

// Reads one table of the file; the first mistake found is kept.
class Table final {
 public:
  Table(const toml::table& table, std::string what) : table_(table), what_(std::move(what)) {}

  std::string Text(const std::string& key, bool required) {
    const toml::node* node = table_.get(key);
    if (node == nullptr) {
      if (required) Fail(table_, absl::StrCat("[[", what_, "]] needs `", key, "`"));
      return "";
    }
    const auto text = node->value<std::string>();
    if (!text.has_value() || text->empty()) Fail(*node, absl::StrCat("`", key, "` must be a text that is not empty"));
    return text.value_or("");
  }

  bool Flag(const std::string& key) {
    const toml::node* node = table_.get(key);
    if (node != nullptr && !node->is_boolean()) Fail(*node, absl::StrCat("`", key, "` must be true or false"));
    return node != nullptr && node->value_or(false);
  }

  // Returns the id in a name such as "partners/acme".
  std::string Id(const std::string& key, absl::string_view collection) {
    const std::string name = Text(key, false);
    absl::string_view id = name;
    if (name.empty()) return "";
    if (!absl::ConsumePrefix(&id, absl::StrCat(collection, "/")) || !domain::IsId(id)) {
      Fail(*table_.get(key), absl::StrCat("`", key, "` must be as \"", collection, "/ID\""));
    }
    return std::string(id);
  }

  std::vector<Role> Roles() {
    std::vector<Role> roles;
    const toml::node* node = table_.get("roles");
    const toml::array* list = node == nullptr ? nullptr : node->as_array();
    if (list == nullptr || list->empty()) {
      Fail(table_, "[[binding]] needs `roles`, a list of names such as [\"CHECKER\"]");
      return roles;
    }
    for (const toml::node& entry : *list) {
      const std::string name = entry.value_or(std::string());
      const std::optional<Role> role = RoleOf(name);
      if (!role.has_value())
        Fail(entry, absl::StrCat("\"", name, "\" is no role; those there are: `lmp-server permissions`"));
      if (role.has_value()) roles.push_back(*role);
    }
    return roles;
  }

  void OnlyKeys(const std::set<std::string>& known) {
    for (const auto& [key, node] : table_) {
      const std::string name(key.str());
      if (!known.contains(name))
        Fail(node, absl::StrCat("[[", what_, "]] has no `", name, "`; it has ", absl::StrJoin(known, ", ")));
    }
  }

  void Fail(const toml::node& where, absl::string_view what) {
    if (status_.ok())
      status_ = absl::InvalidArgumentError(absl::StrCat("line ", where.source().begin.line, ": ", what));
  }
  void Fail(absl::string_view what) { Fail(table_, what); }
  const absl::Status& status() const { return status_; }

 private:
  const toml::table& table_;
  const std::string what_;
  absl::Status status_;
};

absl::StatusOr<IssuerOptions> ParseIssuer(const toml::table& source) {
  Table table(source, "issuer");
  IssuerOptions issuer{.issuer = table.Text("issuer", true),
                       .audience = table.Text("audience", true),
                       .jwks = table.Text("jwks", true),
                       .ca_file = table.Text("ca_file", false),
                       .bearer_token_file = table.Text("bearer_token_file", false),
                       .roles_claim = table.Text("roles_claim", false),
                       .partner_claim = table.Text("partner_claim", false),
                       .customer_claim = table.Text("customer_claim", false),
                       .allow_unbound = table.Flag("allow_unbound")};
  table.OnlyKeys({"issuer", "audience", "jwks", "ca_file", "bearer_token_file", "roles_claim", "partner_claim",
                  "customer_claim", "allow_unbound"});
  const bool url = absl::StrContains(issuer.jwks, "://");
  if (url && !absl::StartsWith(issuer.jwks, "https://")) table.Fail("`jwks` must be a file or an https URL");
  if (!url && (!issuer.ca_file.empty() || !issuer.bearer_token_file.empty())) {
    table.Fail("`ca_file` and `bearer_token_file` go with a `jwks` that is a URL");
  }
  if (issuer.roles_claim.empty() && (!issuer.partner_claim.empty() || !issuer.customer_claim.empty())) {
    table.Fail("`partner_claim` and `customer_claim` go with `roles_claim`");
  }
  if (issuer.allow_unbound && issuer.partner_claim.empty() && issuer.customer_claim.empty()) {
    table.Fail("`allow_unbound` goes with `partner_claim` or `customer_claim`");
  }
  if (issuer.issuer == kMtls) table.Fail("an issuer of tokens can't be called \"mtls\"");
  if (!table.status().ok()) return table.status();
  return issuer;
}

// Whether the name of a certificate can match this pattern.
bool CanBeCertificate(absl::string_view pattern) {
  return absl::StartsWith(pattern, "*") || absl::StartsWith(pattern, "spiffe://") ||
         absl::StartsWith(pattern, "dns:") || absl::StartsWith(pattern, "cn:");
}

absl::StatusOr<BindingRule> ParseBinding(const toml::table& source, const std::vector<IssuerOptions>& issuers) {
  Table table(source, "binding");
  BindingRule rule{.issuer = table.Text("issuer", true),
                   .subject = table.Text("subject", true),
                   .grant = {.roles = table.Roles(),
                             .partner_id = table.Id("partner", "partners"),
                             .customer_id = table.Id("customer", "customers")}};
  table.OnlyKeys({"issuer", "subject", "roles", "partner", "customer"});
  const bool known =
      rule.issuer == kMtls || std::any_of(issuers.begin(), issuers.end(),
                                          [&](const IssuerOptions& issuer) { return issuer.issuer == rule.issuer; });
  if (!known) table.Fail(absl::StrCat("`issuer` \"", rule.issuer, "\" is neither that of an [[issuer]] nor \"mtls\""));
  if (rule.issuer == kMtls && !CanBeCertificate(rule.subject))
    table.Fail("`subject` of a certificate begins with \"spiffe://\", \"dns:\" or \"cn:\", or is \"*\"");
  if (!rule.grant.partner_id.empty() && !rule.grant.customer_id.empty())
    table.Fail("`partner` and `customer` exclude each other");
  for (const Role role : rule.grant.roles) {
    if (MayBeBound(role, rule.grant.binding())) continue;
    table.Fail(absl::StrCat(NameOf(role), " can't be had with this binding: see `lmp-server permissions`"));
  }
  if (!table.status().ok()) return table.status();
  return rule;
}

// Calls f for each table of [[name]].
template <class F>
absl::Status ForEachTable(const toml::table& file, const std::string& name, F f) {
  const toml::node* node = file.get(name);
  if (node == nullptr) return absl::OkStatus();
  const toml::array* list = node->as_array();
  if (list == nullptr || !list->is_homogeneous<toml::table>()) {
    return absl::InvalidArgumentError(absl::StrCat("line ", node->source().begin.line, ": write [[", name, "]]"));
  }
  for (const toml::node& entry : *list) {
    if (const absl::Status status = f(*entry.as_table()); !status.ok()) return status;
  }
  return absl::OkStatus();
}

// toml++ 3.3 has undefined behavior where it asks whether a character beyond ASCII is a blank. Returns the line of the
// first such character; 0 if there is none.
int LineBeyondAscii(absl::string_view text) {
  const auto beyond =
      std::find_if(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) > 127; });
  return beyond == text.end() ? 0 : static_cast<int>(std::count(text.begin(), beyond, '\n')) + 1;
}

}  // namespace

bool Matches(absl::string_view pattern, absl::string_view text) {
  const size_t star = pattern.find('*');
  if (star == absl::string_view::npos) return pattern == text;
  if (!absl::ConsumePrefix(&text, pattern.substr(0, star))) return false;
  const absl::string_view rest = pattern.substr(star + 1);
  const size_t next = rest.find('*');
  const absl::string_view piece = rest.substr(0, next);
  if (next == absl::string_view::npos) return absl::EndsWith(text, piece);
  // The first place where it is found is as good as a later one, because a "*" follows.
  const size_t found = text.find(piece);
  return found != absl::string_view::npos && Matches(rest.substr(next), text.substr(found + piece.size()));
}

std::optional<Grant> AuthFile::GrantOf(absl::string_view issuer, absl::string_view subject) const {
  for (const BindingRule& rule : bindings) {
    if (rule.issuer == issuer && Matches(rule.subject, subject)) return rule.grant;
  }
  return std::nullopt;
}

absl::StatusOr<AuthFile> ParseAuthFile(const std::string& text) {
  if (const int line = LineBeyondAscii(text); line > 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("line ", line, ": only ASCII is read here; in a text, \"\\u00E9\" is an e with an accent"));
  }
  // Such a file is a mistake, or is what a full disk leaves of one; it would be valid, and lock everybody out.
  if (absl::StripAsciiWhitespace(text).empty())
    return absl::InvalidArgumentError("line 1: the file is empty: to trust nobody, write a comment");
  const toml::parse_result parsed = toml::parse(text);
  if (!parsed) {
    const toml::parse_error& error = parsed.error();
    return absl::InvalidArgumentError(
        absl::StrCat("line ", error.source().begin.line, ": ", std::string(error.description())));
  }
  for (const auto& [key, node] : parsed.table()) {
    if (key == "issuer" || key == "binding") continue;
    return absl::InvalidArgumentError(
        absl::StrCat("line ", node.source().begin.line, ": there are [[issuer]] and [[binding]] only"));
  }
  AuthFile file;
  absl::Status status = ForEachTable(parsed.table(), "issuer", [&file](const toml::table& table) -> absl::Status {
    absl::StatusOr<IssuerOptions> issuer = ParseIssuer(table);
    if (!issuer.ok()) return issuer.status();
    file.issuers.push_back(*std::move(issuer));
    return absl::OkStatus();
  });
  status.Update(ForEachTable(parsed.table(), "binding", [&file](const toml::table& table) -> absl::Status {
    absl::StatusOr<BindingRule> rule = ParseBinding(table, file.issuers);
    if (!rule.ok()) return rule.status();
    file.bindings.push_back(*std::move(rule));
    return absl::OkStatus();
  }));
  if (!status.ok()) return status;
  return file;
}

}  // namespace lmp::auth
