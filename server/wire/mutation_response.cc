#include "server/wire/mutation_response.h"

#include "google/protobuf/descriptor.h"
#include "lmp/v1/advisory.pb.h"
#include "lmp/v1/change.pb.h"
#include "server/domain/lookup.h"
#include "storage/status_macros.h"

namespace lmp::wire {
namespace {

// Sets `advisories`, if the response has that field.
void AddAdvisories(const engine::Decision& decided, google::protobuf::Message* response) {
  const google::protobuf::FieldDescriptor* field = response->GetDescriptor()->FindFieldByName("advisories");
  if (field == nullptr) return;
  for (const domain::Advisory& advisory : decided.advisories) {
    auto* out = static_cast<v1::Advisory*>(response->GetReflection()->AddMessage(response, field));
    out->set_code(static_cast<v1::AdvisoryCode>(advisory.code));
    out->set_resource(advisory.resource);
    out->set_text(advisory.text);
  }
}

// Sets `affected`, if the response has that field and the decision counted something.
void AddAffected(const engine::Decision& decided, google::protobuf::Message* response) {
  const google::protobuf::FieldDescriptor* field = response->GetDescriptor()->FindFieldByName("affected");
  if (field == nullptr || !decided.affected.has_value()) return;
  const model::Affected& affected = *decided.affected;
  auto* out = static_cast<v1::Affected*>(response->GetReflection()->MutableMessage(response, field));
  out->set_customers(affected.customers);
  out->set_subscriptions(affected.subscriptions);
  out->set_licenses(affected.licenses);
  out->set_service_plans(affected.service_plans);
  out->set_more(affected.more);
  for (const auto& [id, child] : affected.first) {
    switch (affected.what) {
      case model::AffectedBy::What::kPartner:
        out->add_first(domain::CustomerName(id));
        break;
      case model::AffectedBy::What::kSuite:
        out->add_first(domain::ServicePlanName(id));
        break;
      case model::AffectedBy::What::kCustomer:
      case model::AffectedBy::What::kProduct:
        out->add_first(domain::LicenseName(id, child));
        break;
    }
  }
}

}  // namespace

absl::StatusOr<std::string> FinishResponse(const engine::Decision& decided, const Asked& asked,
                                           google::protobuf::Message* response) {
  AddAdvisories(decided, response);
  AddAffected(decided, response);
  RETURN_IF_ERROR(AddPreview(decided, asked, response));
  return response->SerializeAsString();
}

}  // namespace lmp::wire
