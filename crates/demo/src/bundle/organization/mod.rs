//! `organization.json`: units, accounts and the organisation's policies, in the management
//! account's folder.

mod shapes;

use shapes::{
    AccountBody, AccountsAnswer, OfChild, OfKind, OfParent, OfPolicy, OrganizationAnswer,
    OrganizationBody, POLICY_TYPES, Parent, ParentsAnswer, PoliciesAnswer, PolicyAnswer,
    PolicyBody, PolicySummary, RootBody, RootsAnswer, TargetBody, TargetsAnswer, UnitBody,
    UnitsAnswer,
};

use super::Folder;
use super::wrapped::{Calls, NoParameters};
use crate::Error;
use crate::model::{Account, Organisation};
use crate::policy::Document;
use crate::policy::organisation::{
    OrganisationPolicy, POLICIES, RESOURCE_CONTROL, SERVICE_CONTROL, Target,
};

/// A unit of the organisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unit {
    Security,
    Workloads,
    /// Below the workloads.
    Production,
}

impl Unit {
    const ALL: [Self; 3] = [Self::Security, Self::Workloads, Self::Production];

    const fn name(self) -> &'static str {
        match self {
            Self::Security => "Security",
            Self::Workloads => "Workloads",
            Self::Production => "Production",
        }
    }

    const fn parent(self) -> Option<Self> {
        match self {
            Self::Security | Self::Workloads => None,
            Self::Production => Some(Self::Workloads),
        }
    }

    /// The unit of an account; the management account is at the root.
    const fn of_account(index: usize) -> Option<Self> {
        match (index, index % 3) {
            (0, _) => None,
            (_, 1) => Some(Self::Production),
            (_, 2) => Some(Self::Security),
            _ => Some(Self::Workloads),
        }
    }
}

/// The organisation, and what names its parts.
struct Chart<'a> {
    organisation: &'a Organisation,
    management: &'a Account,
}

impl Chart<'_> {
    /// The id of a unit, or of the root.
    fn id(&self, unit: Option<Unit>) -> String {
        let root = self.organisation.root_id.as_str();
        let letters = root.trim_start_matches("r-");
        match unit {
            None => root.to_owned(),
            Some(Unit::Security) => format!("ou-{letters}-security"),
            Some(Unit::Workloads) => format!("ou-{letters}-workload"),
            Some(Unit::Production) => format!("ou-{letters}-product1"),
        }
    }

    /// The ARN of something in the organisation.
    fn arn(&self, kind: &str, id: &str) -> String {
        format!(
            "arn:aws:organizations::{}:{kind}/{}/{id}",
            self.management.id, self.organisation.id
        )
    }

    fn accounts_in(&self, unit: Option<Unit>) -> Vec<AccountBody<'_>> {
        self.organisation
            .accounts
            .iter()
            .filter(|account| Unit::of_account(account.index) == unit)
            .map(|account| self.account_body(account))
            .collect()
    }

    fn account_body<'a>(&self, account: &'a Account) -> AccountBody<'a> {
        AccountBody {
            id: &account.id,
            arn: self.arn("account", &account.id),
            email: email(account),
            name: &account.name,
            status: "ACTIVE",
            joined_method: if account.index == 0 {
                "INVITED"
            } else {
                "CREATED"
            },
            joined_timestamp: account.root.created,
        }
    }

    fn summary(&self, policy: &OrganisationPolicy) -> PolicySummary {
        let kind = policy.kind.to_ascii_lowercase();
        let arn = if policy.by_aws {
            format!("arn:aws:organizations::aws:policy/{kind}/{}", policy.id)
        } else {
            format!(
                "arn:aws:organizations::{}:policy/{}/{kind}/{}",
                self.management.id, self.organisation.id, policy.id
            )
        };
        PolicySummary {
            id: policy.id,
            arn,
            name: policy.name,
            description: policy.description,
            r#type: policy.kind,
            aws_managed: policy.by_aws,
        }
    }

    fn targets(&self, policy: &OrganisationPolicy) -> Vec<TargetBody> {
        let root = || TargetBody {
            target_id: self.id(None),
            arn: self.arn("root", &self.id(None)),
            name: "Root".to_owned(),
            r#type: "ROOT",
        };
        let of_unit = |unit: Unit| TargetBody {
            target_id: self.id(Some(unit)),
            arn: self.arn("ou", &self.id(Some(unit))),
            name: unit.name().to_owned(),
            r#type: "ORGANIZATIONAL_UNIT",
        };
        let of_account = |account: &Account| TargetBody {
            target_id: account.id.clone(),
            arn: self.arn("account", &account.id),
            name: account.name.clone(),
            r#type: "ACCOUNT",
        };
        match policy.target {
            Target::Nothing => Vec::new(),
            Target::Root => vec![root()],
            Target::Workloads => vec![of_unit(Unit::Workloads)],
            Target::Everything => std::iter::once(root())
                .chain(Unit::ALL.map(of_unit))
                .chain(self.organisation.accounts.iter().map(of_account))
                .collect(),
        }
    }
}

fn email(account: &Account) -> String {
    format!("aws+{}@example.com", account.name)
}

/// Writes the file.
pub(super) fn write(organisation: &Organisation, folder: &Folder) -> Result<(), Error> {
    let Some(management) = organisation.accounts.first() else {
        return Ok(());
    };
    let chart = Chart {
        organisation,
        management,
    };
    let mut calls = Calls::default();
    add_structure(&mut calls, &chart)?;
    for account in &organisation.accounts {
        let unit = Unit::of_account(account.index);
        let parent = Parent {
            id: chart.id(unit),
            r#type: if unit.is_none() {
                "ROOT"
            } else {
                "ORGANIZATIONAL_UNIT"
            },
        };
        calls.add(
            "organizations:ListParents",
            &OfChild {
                child_id: &account.id,
            },
            &ParentsAnswer { parents: [parent] },
        )?;
    }
    add_policies(&mut calls, &chart)?;
    folder.write_json(&format!("{}/organization.json", management.id), &calls)
}

fn add_structure(calls: &mut Calls, chart: &Chart<'_>) -> Result<(), Error> {
    let (organisation, management) = (chart.organisation, chart.management);
    calls.add(
        "organizations:DescribeOrganization",
        &NoParameters {},
        &OrganizationAnswer {
            organization: OrganizationBody {
                id: &organisation.id,
                arn: format!(
                    "arn:aws:organizations::{}:organization/{}",
                    management.id, organisation.id
                ),
                feature_set: "ALL",
                master_account_arn: chart.arn("account", &management.id),
                master_account_id: &management.id,
                master_account_email: email(management),
                available_policy_types: POLICY_TYPES,
            },
        },
    )?;
    calls.add(
        "organizations:ListRoots",
        &NoParameters {},
        &RootsAnswer {
            roots: [RootBody {
                id: &organisation.root_id,
                arn: chart.arn("root", &organisation.root_id),
                name: "Root",
                policy_types: POLICY_TYPES,
            }],
        },
    )?;
    calls.add(
        "organizations:ListAccounts",
        &NoParameters {},
        &AccountsAnswer {
            accounts: organisation
                .accounts
                .iter()
                .map(|account| chart.account_body(account))
                .collect(),
        },
    )?;
    for parent in std::iter::once(None).chain(Unit::ALL.map(Some)) {
        let parameters = OfParent {
            parent_id: &chart.id(parent),
        };
        let units = Unit::ALL
            .into_iter()
            .filter(|unit| unit.parent() == parent)
            .map(|unit| UnitBody {
                id: chart.id(Some(unit)),
                arn: chart.arn("ou", &chart.id(Some(unit))),
                name: unit.name(),
            })
            .collect();
        calls.add(
            "organizations:ListOrganizationalUnitsForParent",
            &parameters,
            &UnitsAnswer {
                organizational_units: units,
            },
        )?;
        calls.add(
            "organizations:ListAccountsForParent",
            &parameters,
            &AccountsAnswer {
                accounts: chart.accounts_in(parent),
            },
        )?;
    }
    Ok(())
}

fn add_policies(calls: &mut Calls, chart: &Chart<'_>) -> Result<(), Error> {
    for kind in [SERVICE_CONTROL, RESOURCE_CONTROL] {
        let of_kind = || POLICIES.iter().filter(|policy| policy.kind == kind);
        calls.add(
            "organizations:ListPolicies",
            &OfKind { filter: kind },
            &PoliciesAnswer {
                policies: of_kind().map(|policy| chart.summary(policy)).collect(),
            },
        )?;
        for policy in of_kind() {
            let call = "organizations:DescribePolicy";
            let place = chart.management.place(chart.organisation);
            let content = serde_json::to_string(&Document::new(policy.statements, &place))
                .map_err(|source| Error::Call { call, source })?;
            let parameters = OfPolicy {
                policy_id: policy.id,
            };
            calls.add(
                call,
                &parameters,
                &PolicyAnswer {
                    policy: PolicyBody {
                        policy_summary: chart.summary(policy),
                        content,
                    },
                },
            )?;
            calls.add(
                "organizations:ListTargetsForPolicy",
                &parameters,
                &TargetsAnswer {
                    targets: chart.targets(policy),
                },
            )?;
        }
    }
    Ok(())
}
