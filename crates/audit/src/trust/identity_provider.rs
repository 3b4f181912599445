//! Identity providers of OpenID Connect: whose tokens they give out, and which claim says whose.
//!
//! IAM User Guide, "Identity-provider controls for shared OIDC providers", lists the providers that serve many organisations from one
//! issuer, and the claims that tell them apart.

use leastgrant_policy::condition::Comparison;
use leastgrant_policy::principal::PrincipalKind;
use leastgrant_policy::{Context, ContextValue, Principal};

use super::grammars::{self, Grammar};
use super::stranger::{self, STRANGER, at, missing, one, put_network, put_networks_but_address};
use super::{Admission, TrustedRole};

/// The action that users of an OpenID Connect provider assume roles by.
const ASSUME_ROLE: &str = "sts:AssumeRoleWithWebIdentity";

/// A provider that a role trusts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct IdentityProvider<'a> {
    /// The entry of the trust policy: the provider's ARN, or its host.
    pub entry: &'a str,
    /// The issuer's address without `https://`.
    pub issuer: &'a str,
    pub kind: Kind,
}

/// What is known of an issuer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kind {
    /// The provider's name; none for issuers that are not known.
    pub name: Option<&'static str>,
    /// Whether strangers can have tokens of the issuer too.
    pub is_shared: bool,
    /// Whose token it is.
    pub tenant: Tenant,
    /// How subjects are written.
    pub grammar: Option<&'static Grammar>,
}

/// The claim that says whose token it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tenant {
    /// The subject.
    Subject,
    /// The audience, or the application's id: everybody is a user, of this or that application.
    Application,
}

const fn shared(name: &'static str, tenant: Tenant, grammar: Option<&'static Grammar>) -> Kind {
    Kind {
        name: Some(name),
        is_shared: true,
        tenant,
        grammar,
    }
}

const fn own(name: Option<&'static str>, grammar: Option<&'static Grammar>) -> Kind {
    Kind {
        name,
        is_shared: false,
        tenant: Tenant::Subject,
        grammar,
    }
}

/// The issuer of Cognito's identity pools.
pub(crate) const COGNITO: &str = "cognito-identity.amazonaws.com";

/// Issuers that serve everybody.
const SHARED: &[(&str, Kind)] = &[
    (
        "accounts.google.com",
        shared("Google", Tenant::Application, None),
    ),
    (
        "agent.buildkite.com",
        shared("Buildkite", Tenant::Subject, Some(&grammars::BUILDKITE)),
    ),
    (
        "api.pulumi.com/oidc",
        shared("Pulumi Cloud", Tenant::Application, None),
    ),
    (
        "app.terraform.io",
        shared("HCP Terraform", Tenant::Subject, Some(&grammars::TERRAFORM)),
    ),
    (COGNITO, shared("Amazon Cognito", Tenant::Application, None)),
    (
        "gitlab.com",
        shared("GitLab.com", Tenant::Subject, Some(&grammars::GITLAB)),
    ),
    (
        "graph.facebook.com",
        shared("Facebook", Tenant::Application, None),
    ),
    (
        "oidc-configuration.audit-log.githubusercontent.com",
        shared("GitHub's audit log", Tenant::Subject, None),
    ),
    (
        "oidc.codefresh.io",
        shared("Codefresh", Tenant::Subject, None),
    ),
    (
        "oidc.vercel.com",
        shared("Vercel", Tenant::Application, None),
    ),
    (
        "proidc.upbound.io",
        shared("Upbound", Tenant::Subject, None),
    ),
    (
        "sandboxes.cloud",
        shared("sandboxes.cloud", Tenant::Application, None),
    ),
    ("scalr.io", shared("Scalr", Tenant::Subject, None)),
    (
        "studio.datachain.ai/api",
        shared("DVC Studio", Tenant::Subject, None),
    ),
    (
        "token.actions.githubusercontent.com",
        shared("GitHub", Tenant::Subject, Some(&grammars::GITHUB)),
    ),
    (
        "tokens.cloud.shisho.dev",
        shared("Shisho Cloud", Tenant::Subject, None),
    ),
    (
        "vstoken.actions.githubusercontent.com",
        shared("GitHub", Tenant::Subject, None),
    ),
    (
        "www.amazon.com",
        shared("Login with Amazon", Tenant::Application, None),
    ),
];

/// Which claims of a token its holder chooses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Chosen {
    /// The audience, and whatever a repository of one's own gives.
    Everything,
    /// The audience only: other claims narrow who of one's own gets in.
    Audience,
}

/// GitHub Docs, "OpenID Connect reference": claims that a workflow or the settings of its repository give.
const GITHUB_CLAIMS: &[&str] = &[
    "base_ref",
    "environment",
    "event_name",
    "head_ref",
    "ref",
    "ref_protected",
    "ref_type",
    "repository_visibility",
    "run_attempt",
    "run_number",
    "runner_environment",
    "workflow",
];

/// GitLab Docs, "ID token authentication": claims that a pipeline or the settings of its project give.
const GITLAB_CLAIMS: &[&str] = &[
    "deployment_tier",
    "environment",
    "environment_action",
    "environment_protected",
    "job_source",
    "pipeline_source",
    "project_visibility",
    "ref",
    "ref_protected",
    "ref_type",
    "runner_environment",
];

impl Kind {
    fn of(issuer: &str, subjects: &[&str]) -> Self {
        if let Some((_, kind)) = SHARED.iter().find(|(known, _)| *known == issuer) {
            return *kind;
        }
        let has_prefix = |prefix: &str| subjects.iter().any(|text| text.starts_with(prefix));
        if issuer.starts_with("oidc.circleci.com/org/") {
            own(Some("CircleCI"), Some(&grammars::CIRCLECI))
        } else if issuer.starts_with("oidc.eks.") {
            own(Some("Amazon EKS"), Some(&grammars::KUBERNETES))
        } else if issuer.starts_with("token.actions.githubusercontent.com/")
            || issuer.ends_with("/_services/token")
        {
            own(Some("GitHub Enterprise"), Some(&grammars::GITHUB))
        } else if has_prefix("project_path:") {
            own(Some("GitLab"), Some(&grammars::GITLAB))
        } else if has_prefix("system:serviceaccount:") {
            own(Some("Kubernetes"), Some(&grammars::KUBERNETES))
        } else {
            own(None, None)
        }
    }
}

impl<'a> IdentityProvider<'a> {
    /// The provider of an entry under `Federated`; none for SAML providers.
    fn new(entry: &'a str, role: &TrustedRole<'_>) -> Option<Self> {
        let issuer = match entry.split_once(":oidc-provider/") {
            Some((_, issuer)) => issuer,
            None if entry.starts_with("arn:") => return None,
            None => entry,
        };
        let key = format!("{}:sub", issuer.to_ascii_lowercase());
        let subjects: Vec<&str> = role.values_of(&key).collect();
        Some(Self {
            entry,
            issuer,
            kind: Kind::of(issuer, &subjects),
        })
    }

    /// The name in words, with the issuer where the name does not tell it.
    pub(crate) fn words(&self) -> String {
        match self.kind.name {
            Some(name) if self.kind.is_shared => name.to_owned(),
            Some(name) => format!("{name} (`{}`)", self.issuer),
            None => format!("`{}`", self.issuer),
        }
    }

    /// A context key of the provider, in lower case.
    pub(crate) fn key(&self, claim: &str) -> String {
        format!("{}:{claim}", self.issuer.to_ascii_lowercase())
    }

    /// The patterns of subjects that the statements ask for; those without wildcards are literal.
    pub(crate) fn subjects(&self, role: &TrustedRole<'_>) -> Vec<(String, bool)> {
        let key = self.key("sub");
        let mut subjects = Vec::new();
        for condition in role.admitting_conditions() {
            if *condition.lower_key != *key {
                continue;
            }
            let is_pattern = matches!(
                condition.operator.comparison,
                Comparison::StringLike | Comparison::StringNotLike
            );
            for value in &condition.values {
                subjects.push((value.as_str().to_owned(), is_pattern));
            }
        }
        subjects.sort();
        subjects.dedup();
        subjects
    }

    /// Whether a token with these claims gets in. Other claims that the policy asks for are a stranger's, but for the audience: who
    /// asks for a token chooses it. So does who runs jobs in a repository of their own with those that [`Chosen`] leaves open.
    pub(crate) fn admits(
        &self,
        role: &TrustedRole<'_>,
        claims: &[(&str, ContextValue)],
        chosen: Chosen,
    ) -> Admission {
        let Some(caller) = Principal::parse(self.entry) else {
            return Admission::not_a_caller(self.entry);
        };
        let open = match chosen {
            Chosen::Everything => self.chosen_claims(),
            Chosen::Audience => &[],
        };
        let prefix = self.key("");
        let mut told = at(role);
        let conditions = role.policy.statements.iter();
        for condition in conditions.flat_map(|statement| &statement.conditions) {
            let key = &*condition.lower_key;
            let claim = key.strip_prefix(&prefix);
            let is_claim = claim.is_some_and(|claim| claim != "aud" && !open.contains(&claim));
            // Tags and the source identity of a session are claims of the token, too.
            let is_from_token = key.starts_with("aws:requesttag/") || key == "sts:sourceidentity";
            if is_claim || is_from_token {
                told.insert(key, one(STRANGER));
            }
        }
        for key in stranger::SOURCE_KEYS {
            told.insert(key, missing());
        }
        told.insert("aws:federatedprovider", one(self.entry));
        told.insert(&self.key("iss"), one(&format!("https://{}", self.issuer)));
        for (claim, value) in claims {
            told.insert(&self.key(claim), value.clone());
        }
        let mut contexts = Vec::from(stranger::NETWORKS.map(|address| {
            let mut context = told.clone();
            put_network(&mut context, address);
            context
        }));
        if self.runs_jobs() && role.values_of("aws:sourceip").next().is_some() {
            // Jobs of strangers run on the same machines, so they have the same addresses.
            put_networks_but_address(&mut told);
            contexts.push(told);
        }
        role.admits(&[caller], ASSUME_ROLE, &contexts)
    }

    /// Whether any user of the provider gets in, with the claims and from where the policy asks for.
    pub(crate) fn admits_anybody(&self, role: &TrustedRole<'_>) -> Admission {
        admits_by(role, self.entry, ASSUME_ROLE)
    }

    /// Whether strangers' jobs run at the provider.
    fn runs_jobs(&self) -> bool {
        self.kind.is_shared && self.kind.tenant == Tenant::Subject
    }

    /// Claims that who runs a job in a repository of their own chooses.
    fn chosen_claims(&self) -> &'static [&'static str] {
        match self.kind.name {
            Some("GitHub" | "GitHub Enterprise") => GITHUB_CLAIMS,
            Some(name) if name.starts_with("GitLab") => GITLAB_CLAIMS,
            _ => &[],
        }
    }

    /// Whether a token of somebody else gets in: of another user where the subject tells them apart, of another application's user
    /// where the audience does.
    pub(crate) fn admits_strangers(&self, role: &TrustedRole<'_>) -> Admission {
        match self.kind.tenant {
            Tenant::Subject => self.admits(role, &[("sub", one(STRANGER))], Chosen::Everything),
            Tenant::Application => {
                let claims = ["sub", "aud", "app_id", "azp", "oaud", "id"];
                let claims = claims.map(|claim| (claim, one(STRANGER)));
                self.admits(role, &claims, Chosen::Everything)
            }
        }
    }

    /// The condition that says whose tokens are meant, to be filled in.
    pub(crate) fn condition(&self, role: &TrustedRole<'_>) -> String {
        let key = match self.kind.tenant {
            Tenant::Subject => "sub",
            Tenant::Application if self.issuer.starts_with("graph.") => "app_id",
            Tenant::Application if self.issuer.starts_with("www.amazon") => "app_id",
            Tenant::Application => "aud",
        };
        let value = match (self.kind.grammar, self.kind.tenant) {
            (Some(grammar), _) => grammar.example,
            (None, Tenant::Application) => "YOUR_APPLICATION_ID",
            (None, Tenant::Subject) => "SUBJECT",
        };
        // What is already asked of the audience stays; it is shown where nothing is.
        let asks_for_audience = role
            .conditions()
            .any(|condition| *condition.lower_key == *self.key("aud"));
        let issuer = self.issuer;
        let audience = match self.kind.name {
            Some("GitHub" | "GitHub Enterprise") if !asks_for_audience => {
                format!("\"{issuer}:aud\": \"sts.amazonaws.com\", ")
            }
            _ => String::new(),
        };
        format!(
            "`\"Condition\": {{\"StringEquals\": {{{audience}\"{issuer}:{key}\": \"{value}\"}}}}`"
        )
    }
}

/// The OpenID Connect providers that the role trusts.
pub(crate) fn providers<'a>(role: &TrustedRole<'a>) -> Vec<IdentityProvider<'a>> {
    let entries = role.trusted_of(PrincipalKind::Federated).into_iter();
    entries
        .filter_map(|entry| IdentityProvider::new(entry, role))
        .collect()
}

/// The SAML providers that the role trusts.
pub(crate) fn saml_providers<'a>(role: &TrustedRole<'a>) -> Vec<&'a str> {
    let entries = role.trusted_of(PrincipalKind::Federated).into_iter();
    entries
        .filter(|entry| entry.contains(":saml-provider/"))
        .collect()
}

/// Whether any user of a SAML provider gets in, with what the policy asks for.
pub(crate) fn admits_by_saml(role: &TrustedRole<'_>, provider: &str) -> Admission {
    admits_by(role, provider, "sts:AssumeRoleWithSAML")
}

fn admits_by(role: &TrustedRole<'_>, entry: &str, action: &str) -> Admission {
    let Some(caller) = Principal::parse(entry) else {
        return Admission::not_a_caller(entry);
    };
    let mut context = at(role);
    for key in stranger::SOURCE_KEYS {
        context.insert(key, missing());
    }
    context.insert("aws:federatedprovider", one(entry));
    role.admits(&[caller], action, &[context])
}

/// Whether an assertion that was made for another endpoint gets in.
pub(crate) fn admits_other_audience(role: &TrustedRole<'_>, provider: &str) -> Admission {
    let Some(caller) = Principal::parse(provider) else {
        return Admission::not_a_caller(provider);
    };
    let contexts = stranger::NETWORKS.map(|address| {
        let mut context: Context = at(role);
        put_network(&mut context, address);
        context.insert("saml:aud", one("https://zz-stranger.example/saml"));
        context.insert("aws:federatedprovider", one(provider));
        context
    });
    role.admits(&[caller], "sts:AssumeRoleWithSAML", &contexts)
}
