// A partner's offer of exactly one product or suite.
#ifndef LMP_STORAGE_MODEL_SERVICE_PLAN_H_
#define LMP_STORAGE_MODEL_SERVICE_PLAN_H_

#include "storage/model/row.h"

namespace lmp::model {

enum class PlanVersion { kUnspecified, kTrial, kFull };
enum class ActivationPolicy { kUnspecified, kOnAssignment, kOnFirstSignIn };

template <>
struct EnumNames<PlanVersion> {
  static constexpr absl::string_view kNames[] = {"VERSION_UNSPECIFIED", "TRIAL", "FULL"};
};
template <>
struct EnumNames<ActivationPolicy> {
  static constexpr absl::string_view kNames[] = {"ACTIVATION_POLICY_UNSPECIFIED", "ON_ASSIGNMENT", "ON_FIRST_SIGN_IN"};
};

// The terms of the licenses that are made from a plan; a subscription copies them.
struct PlanTerms {
  PlanVersion version = PlanVersion::kFull;
  bool nfr = false;
  int initial_term_months = 0;
  bool auto_renewal = false;
  int renewal_term_months = 0;  // 0 without auto_renewal
  int grace_period_days = 30;
  int expiration_notice_days = 30;
  ActivationPolicy activation_policy = ActivationPolicy::kOnAssignment;
  std::string data_center;

  bool operator==(const PlanTerms&) const = default;
};

template <class Row, class Visitor>
void VisitTerms(Row& row, Visitor&& visit) {
  visit("version", row.terms.version);
  visit("nfr", row.terms.nfr);
  visit("initial_term_months", row.terms.initial_term_months);
  visit("auto_renewal", row.terms.auto_renewal);
  visit("renewal_term_months", row.terms.renewal_term_months);
  visit("grace_period_days", row.terms.grace_period_days);
  visit("expiration_notice_days", row.terms.expiration_notice_days);
  visit("activation_policy", row.terms.activation_policy);
  visit("data_center", row.terms.data_center);
}

struct ServicePlan {
  static constexpr absl::string_view kTable = "service_plans";
  static constexpr int kKeyColumns = 1;

  std::string service_plan_id;
  std::string partner_id;
  std::string display_name;  // unique among the partner's plans
  std::string product_id;
  PlanTerms terms;
  bool enabled = true;
  // The composition that the partner approved; the plan is LOCKED if the suite's differs.
  std::vector<std::string> components;
  std::optional<absl::Time> delete_time;  // set: the plan is deleted, and neither listed nor assignable
  Stamp stamp;

  bool operator==(const ServicePlan&) const = default;

  template <class Self, class Visitor>
  static void Visit(Self& row, Visitor&& visit) {
    visit("service_plan_id", row.service_plan_id);
    visit("partner_id", row.partner_id);
    visit("display_name", row.display_name);
    visit("product_id", row.product_id);
    VisitTerms(row, visit);
    visit("enabled", row.enabled);
    visit("components", row.components);
    visit("delete_time", row.delete_time);
    VisitStamp(row, visit);
  }
};

}  // namespace lmp::model

#endif  // LMP_STORAGE_MODEL_SERVICE_PLAN_H_
