//! Identity providers of OpenID Connect, asked with made-up tokens.

use std::collections::BTreeSet;

use leastgrant_policy::condition::Comparison;
use leastgrant_policy::principal::PrincipalKind;
use leastgrant_policy::{Context, ContextValue, Principal};

use super::issuers::{self, Kind, Tenant};
use super::networks::{networks, put_network, put_networks_but_address};
use super::stranger::{self, at};
use super::values::{STRANGER, filled, has_wildcard, missing, one};
use super::{Admission, TrustedRole, accounts};

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

/// Which claims of a token its holder chooses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Chosen {
    /// The audience where it is not what tells strangers apart, and whatever a repository of one's own gives.
    Everything,
    /// The audience only: other claims narrow who of one's own gets in.
    Audience,
    /// The audience, and what says of which repository or project a token is.
    Place,
    /// All but the audience: it is made for another application.
    AllButAudience,
    /// All of them.
    All,
}

/// The claims that say for which application a token is (IAM User Guide, "Keys for OIDC federation").
const AUDIENCES: [&str; 6] = ["aud", "app_id", "azp", "oaud", "id", "client_id"];
/// Claims that say of which repository or project a token is, and nothing of its branches.
pub(crate) const OF_A_PLACE: [&str; 9] = [
    "namespace_id",
    "namespace_path",
    "project_id",
    "project_path",
    "repository",
    "repository_id",
    "repository_owner",
    "repository_owner_id",
    "repository_visibility",
];
/// More patterns of claims than these are not tried.
const MOST_PATTERNS: usize = 20;

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

    /// Whether a token with these claims gets in. Other claims that the policy asks for are a stranger's, but for those that the caller
    /// chooses: who asks for a token gives its audience, and who runs jobs in a repository of their own gives what [`Chosen`] leaves
    /// open.
    pub(crate) fn admits(
        &self,
        role: &TrustedRole<'_>,
        claims: &[(&str, ContextValue)],
        chosen: Chosen,
    ) -> Admission {
        let Some(caller) = Principal::parse(self.entry) else {
            return Admission::not_a_caller(self.entry);
        };
        let mut contexts = Vec::new();
        for mut told in self.tokens(role, chosen) {
            for (claim, value) in claims {
                told.insert(&self.key(claim), value.clone());
            }
            contexts.extend(networks(role).iter().map(|address| {
                let mut context = told.clone();
                put_network(&mut context, address.as_deref());
                context
            }));
            if self.runs_jobs() && role.values_of("aws:sourceip").next().is_some() {
                // Jobs of strangers run on the same machines, so they have the same addresses.
                put_networks_but_address(&mut told);
                contexts.push(told);
            }
        }
        role.admits(&[caller], ASSUME_ROLE, &contexts)
    }

    /// What is told of the holder of a stranger's token. Where a pattern leaves room for anybody's value, such as `*/deploy.yml`, there
    /// is a token with such a value as well.
    fn tokens(&self, role: &TrustedRole<'_>, chosen: Chosen) -> Vec<Context> {
        let mut told = at(role);
        for key in stranger::SOURCE_KEYS {
            told.insert(key, missing());
        }
        stranger::without_tokens_but(role, &self.key(""), &mut told);
        told.insert("aws:federatedprovider", one(self.entry));
        told.insert(&self.key("iss"), one(&format!("https://{}", self.issuer)));
        let mut patterns: Vec<(&str, &str)> = Vec::new();
        for condition in role.conditions() {
            let key = &*condition.lower_key;
            if !self.is_strangers(key, chosen) {
                continue;
            }
            told.insert(key, one(STRANGER));
            let values = condition.values.iter().map(|value| value.as_str());
            patterns.extend(
                values
                    .filter(|value| self.has_room(key, value))
                    .map(|value| (key, value)),
            );
        }
        patterns.truncate(MOST_PATTERNS);
        let mut widest = told.clone();
        for (key, pattern) in patterns.iter().rev() {
            widest.insert(key, one(&filled(pattern, STRANGER)));
        }
        let mut tokens = vec![told];
        for (key, pattern) in &patterns {
            let mut token = widest.clone();
            token.insert(key, one(&filled(pattern, STRANGER)));
            tokens.push(token);
        }
        tokens
    }

    /// Whether a context key is of a claim whose value the holder of a token does not choose.
    fn is_strangers(&self, key: &str, chosen: Chosen) -> bool {
        // Tags and the source identity of a session are claims of the token, too.
        if key.starts_with("aws:requesttag/") || key == "sts:sourceidentity" {
            return chosen != Chosen::All;
        }
        if key == "sts:rolesessionname" {
            return self.kind.tenant == Tenant::Session && chosen == Chosen::Everything;
        }
        let prefix = self.key("");
        let Some(claim) = key.strip_prefix(&prefix).filter(|claim| *claim != "iss") else {
            return false;
        };
        let is_audience = AUDIENCES.contains(&claim);
        match chosen {
            Chosen::All => false,
            Chosen::Place => claim != "aud" && !OF_A_PLACE.contains(&claim),
            Chosen::AllButAudience => is_audience,
            Chosen::Audience => claim != "aud",
            Chosen::Everything => match self.kind.tenant {
                Tenant::Subject => claim != "aud" && !self.kind.chosen_claims().contains(&claim),
                // That a user signed in says nothing of whose user it is, and for whom Google makes a token of a service account is
                // said by who asks for it (Google Cloud, "Get an ID token"); of both IAM takes `oaud` (IAM User Guide, "Keys for
                // OIDC federation").
                Tenant::Application => !matches!(claim, "amr" | "oaud"),
                Tenant::Session => false,
            },
        }
    }

    /// Whether a stranger can have a value that the pattern matches: the part that says whose it is is open.
    fn has_room(&self, key: &str, pattern: &str) -> bool {
        let claim = key.strip_prefix(&self.key("")).unwrap_or_default();
        // Addresses of a domain are its owner's.
        if !has_wildcard(pattern) || pattern.starts_with("*@") {
            return false;
        }
        if AUDIENCES.contains(&claim) {
            // `123456-*.apps.googleusercontent.com` are the applications of one project of Google's.
            let project = pattern.split('-').next().unwrap_or_default();
            return self.kind.name != Some("Google")
                || project.is_empty()
                || !project.bytes().all(|byte| byte.is_ascii_digit());
        }
        if claim == "sub" && self.kind.names_owner(pattern) {
            return false;
        }
        if self.kind.tenant == Tenant::Subject {
            return pattern.split('/').next().is_some_and(has_wildcard);
        }
        true
    }

    /// Whether any user of the provider gets in, with the claims and from where the policy asks for.
    pub(crate) fn admits_anybody(&self, role: &TrustedRole<'_>) -> Admission {
        admits_by(role, self.entry, ASSUME_ROLE)
    }

    /// Whether strangers' jobs run at the provider.
    fn runs_jobs(&self) -> bool {
        self.kind.is_shared && self.kind.tenant == Tenant::Subject
    }

    /// Whether a token of somebody else gets in: of another user where the subject tells them apart, of another application's user
    /// where the audience does, of another customer where the session's name does.
    pub(crate) fn admits_strangers(&self, role: &TrustedRole<'_>) -> Admission {
        let claims = match self.kind.tenant {
            Tenant::Subject => vec![("sub", one(STRANGER))],
            Tenant::Application | Tenant::Session => Vec::new(),
        };
        self.admits(role, &claims, Chosen::Everything)
    }

    /// Whether a token of the right user gets in that was made for an application of somebody else's, which the user signs in to.
    pub(crate) fn admits_other_applications(&self, role: &TrustedRole<'_>) -> Admission {
        match self.kind.has_users_of_everybody() {
            true => self.admits(role, &[], Chosen::AllButAudience),
            false => Admission::Refused,
        }
    }

    /// Audiences that the provider in IAM accepts and the role does not tell apart, where they are more than one.
    ///
    /// A token is given to whom it is made for, who can pass it on to AWS.
    pub(crate) fn open_audiences(&self, role: &TrustedRole<'a>) -> Vec<&'a str> {
        if self.kind.tenant != Tenant::Subject {
            return Vec::new();
        }
        let provider = role
            .account_providers
            .iter()
            .find(|row| row.arn == self.entry);
        let audiences = provider.into_iter().flat_map(|row| &row.client_ids);
        let mut open: Vec<&str> = audiences
            .map(String::as_str)
            .filter(|audience| {
                let claims = [("aud", one(audience))];
                self.admits(role, &claims, Chosen::All).is_admitted()
            })
            .collect();
        open.sort_unstable();
        open.dedup();
        match open.len() {
            0 | 1 => Vec::new(),
            _ => open,
        }
    }

    /// Claims beside subject and audience that the policy asks for, in its words.
    pub(crate) fn other_claims(&self, role: &TrustedRole<'a>) -> Vec<&'a str> {
        let prefix = self.key("");
        let keys = role.conditions().filter_map(|condition| {
            let claim = condition.lower_key.strip_prefix(&prefix)?;
            let is_told = matches!(claim, "sub" | "iss") || AUDIENCES.contains(&claim);
            (!is_told).then_some(claim)
        });
        let mut claims: Vec<&str> = keys.collect();
        claims.sort_unstable();
        claims.dedup();
        claims
    }

    /// The claim that says for whom a token is.
    pub(crate) fn audience_claim(&self) -> &'static str {
        match self.kind.name {
            Some("Facebook" | "Login with Amazon") => "app_id",
            _ => "aud",
        }
    }

    /// The condition that says whose tokens are meant, to be filled in.
    pub(crate) fn condition(&self, role: &TrustedRole<'_>) -> String {
        let key = match self.kind.tenant {
            Tenant::Subject => "sub",
            Tenant::Application => self.audience_claim(),
            Tenant::Session => {
                return "`\"Condition\": {\"StringEquals\": {\"sts:RoleSessionName\": \"MicrosoftSentinel_YOUR_WORKSPACE_ID\"}}`".to_owned();
            }
        };
        let value = match (self.kind.grammar, self.kind.tenant) {
            (Some(grammar), Tenant::Subject) => grammar.example,
            (_, Tenant::Application | Tenant::Session) if self.kind.name == Some("Vercel") => {
                "https://vercel.com/TEAM"
            }
            (_, Tenant::Application | Tenant::Session) => "YOUR_APPLICATION_ID",
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

/// The OpenID Connect providers that the role trusts. `*` means all that the account has.
pub(crate) fn providers<'a>(role: &TrustedRole<'a>) -> Vec<IdentityProvider<'a>> {
    entries(role, "oidc")
        .into_iter()
        .filter_map(|entry| IdentityProvider::new(entry, role))
        .collect()
}

/// The SAML providers that the role trusts. `*` means all that the account has.
pub(crate) fn saml_providers<'a>(role: &TrustedRole<'a>) -> Vec<&'a str> {
    let entries = entries(role, "saml").into_iter();
    entries
        .filter(|entry| entry.contains(":saml-provider/"))
        .collect()
}

fn entries<'a>(role: &TrustedRole<'a>, kind: &str) -> BTreeSet<&'a str> {
    let mut entries = role.trusted_of(PrincipalKind::Federated);
    entries.remove("*");
    if accounts::is_open(role) {
        let rows = role.account_providers.iter();
        entries.extend(
            rows.filter(|row| row.kind == kind)
                .map(|row| row.arn.as_str()),
        );
    }
    entries
}

/// Whom `*` lets in by tokens, in words: users of issuers that need no provider in the account, and of SAML providers of anybody's.
pub(crate) fn admits_everybody(role: &TrustedRole<'_>) -> Vec<(String, Admission)> {
    if !accounts::is_open(role) {
        return Vec::new();
    }
    let mut found = Vec::new();
    for host in issuers::built_in(role.partition()) {
        let Some(provider) = IdentityProvider::new(host, role) else {
            continue;
        };
        if !role.trusted_of(PrincipalKind::Federated).contains(host) {
            let words = format!("users of any application of {}", provider.words());
            found.push((words, provider.admits_strangers(role)));
        }
    }
    let partition = role.partition();
    let saml = format!(
        "arn:{partition}:iam::{}:saml-provider/{STRANGER}",
        stranger::account(role)
    );
    found.push((
        "users of any SAML provider".to_owned(),
        admits_other_audience(role, &saml),
    ));
    found
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
    let issuer = entry
        .split_once(":oidc-provider/")
        .map_or(entry, |(_, issuer)| issuer);
    let prefix = match action {
        ASSUME_ROLE => format!("{}:", issuer.to_ascii_lowercase()),
        _ => "saml:".to_owned(),
    };
    stranger::without_tokens_but(role, &prefix, &mut context);
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
    let contexts = networks(role).into_iter().map(|address| {
        let mut context: Context = at(role);
        stranger::without_tokens_but(role, "saml:", &mut context);
        put_network(&mut context, address.as_deref());
        context.insert("saml:aud", one("https://zz-stranger.example/saml"));
        context.insert("aws:federatedprovider", one(provider));
        context
    });
    role.admits(
        &[caller],
        "sts:AssumeRoleWithSAML",
        &contexts.collect::<Vec<Context>>(),
    )
}
