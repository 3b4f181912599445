//! What is known of the issuers of tokens: whose tokens they give out, and which claim says whose.
//!
//! IAM User Guide, "Identity-provider controls for shared OIDC providers", lists the providers that serve many organisations from one
//! issuer, and the claims that tell them apart. To it are added those whose users are everybody, and some that serve many organisations
//! as well by their own guides. The list is of 2026-11.

use super::grammars::{self, Grammar};
use super::more_grammars;
use super::values::has_wildcard;

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
    /// The name of the session: the provider itself calls, and names its customer there.
    Session,
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

/// The name of the issuers of Cognito's identity pools, one a partition.
pub(crate) const COGNITO: &str = "Amazon Cognito";
/// The name of the issuer by which Microsoft's Sentinel reads logs of its customers.
const SENTINEL: &str = "Microsoft Sentinel";
/// The name of the issuers of IBM's service, of which AWS lists six.
const TURBONOMIC: &str = "IBM Turbonomic";

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
    (
        "appleid.apple.com",
        shared("Apple", Tenant::Application, None),
    ),
    (
        "cognito-identity-us-gov.amazonaws.com",
        shared(COGNITO, Tenant::Application, None),
    ),
    (
        "cognito-identity.amazonaws.com",
        shared(COGNITO, Tenant::Application, None),
    ),
    (
        "cognito-identity.cn-north-1.amazonaws.com.cn",
        shared(COGNITO, Tenant::Application, None),
    ),
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
        shared(
            "Codefresh",
            Tenant::Subject,
            Some(&more_grammars::CODEFRESH),
        ),
    ),
    (
        "oidc.modal.com",
        shared("Modal", Tenant::Subject, Some(&more_grammars::MODAL)),
    ),
    (
        "oidc.op1.openshiftapps.com/2c51blsaqa9gkjt0o9rt11mle8mmropu",
        shared(TURBONOMIC, Tenant::Subject, None),
    ),
    (
        "oidc.op1.openshiftapps.com/2f785sojlpb85i7402pk3qogugim5nfb",
        shared(TURBONOMIC, Tenant::Subject, None),
    ),
    (
        "oidc.vercel.com",
        shared("Vercel", Tenant::Application, Some(&more_grammars::VERCEL)),
    ),
    (
        "proidc.upbound.io",
        shared("Upbound", Tenant::Subject, Some(&more_grammars::UPBOUND)),
    ),
    (
        "rh-oidc.s3.us-east-1.amazonaws.com/22ejnvnnturfmt6km08idd0nt4hekbn7",
        shared(TURBONOMIC, Tenant::Subject, None),
    ),
    (
        "rh-oidc.s3.us-east-1.amazonaws.com/23e3sd27sju1hoou6ohfs68vbno607tr",
        shared(TURBONOMIC, Tenant::Subject, None),
    ),
    (
        "rh-oidc.s3.us-east-1.amazonaws.com/23ne21h005qjl3n33d8dui5dlrmv2tmg",
        shared(TURBONOMIC, Tenant::Subject, None),
    ),
    (
        "rh-oidc.s3.us-east-1.amazonaws.com/24jrf12m5dj7ljlfb4ta2frhrcoadm26",
        shared(TURBONOMIC, Tenant::Subject, None),
    ),
    (
        "sandboxes.cloud",
        shared("sandboxes.cloud", Tenant::Application, None),
    ),
    (
        "scalr.io",
        shared("Scalr", Tenant::Subject, Some(&more_grammars::SCALR)),
    ),
    (
        "sts.windows.net/33e01921-4d64-4f8c-a055-5bdaffd5e33d",
        shared(SENTINEL, Tenant::Session, None),
    ),
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
    pub(super) fn of(issuer: &str, subjects: &[&str]) -> Self {
        // A slash at the end is part of the issuer where the provider has one, as Sentinel's.
        let issuer = issuer.to_ascii_lowercase();
        let bare = issuer.trim_end_matches('/');
        if let Some((_, kind)) = SHARED.iter().find(|(known, _)| *known == bare) {
            return *kind;
        }
        let has_prefix = |prefix: &str| subjects.iter().any(|text| text.starts_with(prefix));
        if issuer.starts_with("oidc.circleci.com/org/") {
            own(Some("CircleCI"), Some(&grammars::CIRCLECI))
        } else if issuer.starts_with("oidc.eks.") {
            own(Some("Amazon EKS"), Some(&grammars::KUBERNETES))
        } else if issuer.starts_with("oidc.vercel.com/") {
            own(Some("Vercel"), Some(&more_grammars::VERCEL))
        } else if issuer.starts_with("token.actions.githubusercontent.com/")
            || (issuer.starts_with("token.actions.") && issuer.ends_with(".ghe.com"))
            || issuer.ends_with("/_services/token")
        {
            own(Some("GitHub Enterprise"), Some(&grammars::GITHUB))
        } else if has_prefix("project_path:") {
            own(Some("GitLab"), Some(&grammars::GITLAB))
        } else if has_prefix("system:serviceaccount:") {
            own(Some("Kubernetes"), Some(&grammars::KUBERNETES))
        } else if has_prefix("organization:")
            && subjects.iter().any(|text| text.contains(":workspace:"))
        {
            own(Some("Terraform Enterprise"), Some(&grammars::TERRAFORM))
        } else {
            own(None, None)
        }
    }

    /// Claims that who runs a job in a repository of their own chooses.
    pub(super) fn chosen_claims(&self) -> &'static [&'static str] {
        match self.name {
            Some("GitHub" | "GitHub Enterprise") => GITHUB_CLAIMS,
            Some(name) if name.starts_with("GitLab") => GITLAB_CLAIMS,
            _ => &[],
        }
    }

    /// Whether a pattern of subjects says whose they are, where the audience does not (Pulumi Docs, "Configure OpenID Connect for
    /// AWS"; Vercel Docs, "OIDC Federation, Reference").
    pub(super) fn names_owner(&self, pattern: &str) -> bool {
        let beginnings: &[&str] = match self.name {
            Some("Pulumi Cloud") => &[
                "pulumi:deploy:org:",
                "pulumi:environments:org:",
                "pulumi:environments:pulumi.organization.login:",
            ],
            Some("Vercel") => &["owner:"],
            _ => &[],
        };
        let owner = beginnings.iter().find_map(|own| pattern.strip_prefix(own));
        let owner = owner.and_then(|rest| Some(rest.split_once(':')?.0));
        owner.is_some_and(|owner| !owner.is_empty() && !has_wildcard(owner))
    }

    /// Whether people sign in with it at applications of everybody's, which get tokens of theirs so.
    pub(crate) fn has_users_of_everybody(&self) -> bool {
        matches!(
            self.name,
            Some("Apple" | "Facebook" | "Google" | "Login with Amazon")
        )
    }
}

/// Issuers that IAM knows without a provider in the account, so that `*` lets their users in.
pub(super) fn built_in(partition: &str) -> [&'static str; 4] {
    let cognito = match partition {
        "aws-cn" => "cognito-identity.cn-north-1.amazonaws.com.cn",
        "aws-us-gov" => "cognito-identity-us-gov.amazonaws.com",
        _ => "cognito-identity.amazonaws.com",
    };
    [
        "accounts.google.com",
        cognito,
        "graph.facebook.com",
        "www.amazon.com",
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn issuers_are_sorted_and_known_in_any_writing() {
        assert!(SHARED.windows(2).all(|pair| pair[0].0 < pair[1].0));
        for issuer in [
            "Token.Actions.GitHubUserContent.com",
            "sts.windows.net/33e01921-4d64-4f8c-a055-5bdaffd5e33d/",
            "cognito-identity.cn-north-1.amazonaws.com.cn",
        ] {
            assert!(Kind::of(issuer, &[]).is_shared, "{issuer}");
        }
        assert!(!Kind::of("sts.windows.net/00000000-0000-0000-0000-000000000000/", &[]).is_shared);
        assert!(!Kind::of("token.actions.acme.ghe.com", &[]).is_shared);
    }
}
