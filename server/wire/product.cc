#include "server/wire/product.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "server/domain/lookup.h"
#include "server/wire/mutation_request.h"

namespace lmp::wire {
namespace {

model::Product ToRow(const v1::Product& product, Fields& fields) {
  model::Product row;
  row.display_name = product.display_name();
  row.kind = fields.Enum<model::ProductKind>("product.kind", product.kind(), v1::Product::Kind_IsValid(product.kind()));
  row.unit = fields.Enum<model::ProductUnit>("product.unit", product.unit(), v1::Product::Unit_IsValid(product.unit()));
  if (product.min_units() != 0) row.min_units = product.min_units();
  if (product.max_units() != 0) row.max_units = product.max_units();
  row.nfr_allowed = product.nfr_allowed();
  row.family = product.family();
  row.level = product.level();
  for (int i = 0; i < product.components_size(); ++i) {
    row.components.push_back(
        fields.Name(absl::StrCat("product.components[", i, "]"), product.components(i), "products"));
  }
  std::sort(row.components.begin(), row.components.end());
  return row;
}

}  // namespace

absl::StatusOr<domain::CreateProductCommand> ParseCreateProduct(const v1::CreateProductRequest& request,
                                                                const ServerContext& context) {
  Fields fields;
  domain::CreateProductCommand command;
  fields.ChosenId("product_id", request.product_id());
  command.product = ToRow(request.product(), fields);
  command.product.product_id = context.IdOr(request.product_id());
  fields.Fail(domain::ProductViolations(command.product), "product.");
  RETURN_IF_ERROR(fields.status());
  return command;
}

absl::StatusOr<std::string> ParseGetProduct(const v1::GetProductRequest& request) {
  return ParseName("name", request.name(), "products");
}

absl::StatusOr<domain::UpdateProductCommand> ParseUpdateProduct(const v1::UpdateProductRequest& request) {
  static const auto& updatable =
      *new std::vector<absl::string_view>{"display_name", "min_units", "max_units", "nfr_allowed", "family", "level"};
  Fields fields;
  domain::UpdateProductCommand command;
  command.product_id = fields.Name("product.name", request.product().name(), "products");
  command.etag = request.product().etag();
  command.patch.values = ToRow(request.product(), fields);
  command.patch.columns = fields.Mask(request.update_mask(), request.product(), updatable);
  FailToo(command.patch.columns, domain::ProductViolations(command.patch.values), "product.", fields);
  RETURN_IF_ERROR(fields.status());
  return command;
}

absl::StatusOr<domain::ChangeSuiteComponentsCommand> ParseChangeSuiteComponents(
    const v1::ChangeSuiteComponentsRequest& request) {
  Fields fields;
  domain::ChangeSuiteComponentsCommand command;
  SetName(fields, request.name(), command);
  command.etag = request.etag();
  for (int i = 0; i < request.add_components_size(); ++i) {
    command.add.push_back(fields.Name(absl::StrCat("add_components[", i, "]"), request.add_components(i), "products"));
  }
  for (int i = 0; i < request.remove_components_size(); ++i) {
    command.remove.push_back(
        fields.Name(absl::StrCat("remove_components[", i, "]"), request.remove_components(i), "products"));
  }
  RETURN_IF_ERROR(fields.status());
  return command;
}

absl::StatusOr<domain::EndProductLifeCommand> ParseEndProductLife(const v1::EndProductLifeRequest& request) {
  Fields fields;
  domain::EndProductLifeCommand command;
  SetName(fields, request.name(), command);
  command.etag = request.etag();
  command.end_date = OptionalDate(fields, "end_date", request.has_end_date(), request.end_date());
  RETURN_IF_ERROR(fields.status());
  return command;
}

void RenderProduct(const engine::Decision& decided, const std::string& product_id, v1::Product* out) {
  ToProto(*Find(decided.after.catalog->products, product_id), After(decided), out);
}

void ToProto(const model::Product& row, const View&, v1::Product* out) {
  out->set_name(domain::ProductName(row.product_id));
  out->set_display_name(row.display_name);
  out->set_kind(static_cast<v1::Product::Kind>(row.kind));
  out->set_unit(static_cast<v1::Product::Unit>(row.unit));
  if (row.kind != model::ProductKind::kSuite) {
    out->set_min_units(row.min_units);
    out->set_max_units(row.max_units);
  }
  out->set_nfr_allowed(row.nfr_allowed);
  out->set_family(row.family);
  out->set_level(row.level);
  out->set_lifecycle(static_cast<v1::Product::Lifecycle>(row.lifecycle));
  for (const std::string& id : row.components) out->add_components(domain::ProductName(id));
  if (row.end_of_life_date.has_value()) ToProto(*row.end_of_life_date, out->mutable_end_of_life_date());
  SetStamp(row.stamp, out);
}

}  // namespace lmp::wire
