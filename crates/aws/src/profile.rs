//! What is wrong with a profile before anybody is asked with it, and the files that the SDK reads profiles from.
//!
//! The SDK goes on with other credentials where a profile is not there, and the `aws` CLI does not: they may be those of another account.

use std::collections::BTreeSet;

use aws_config::profile::{ProfileSet, load};
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, future};
use aws_runtime::env_config::file::{EnvConfigFileKind, EnvConfigFiles};
use aws_types::os_shim_internal::{Env, Fs};

/// The profile that is used without a name, whether it is there or not.
const DEFAULT: &str = "default";
const PROFILE_OF_THE_ENVIRONMENT: &str = "AWS_PROFILE";
const KEY_OF_THE_ENVIRONMENT: &str = "AWS_ACCESS_KEY_ID";

/// Why a profile gives no credentials.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Problem {
    /// No file has it.
    #[error(
        "there is no profile `{name}`, which {named_by} names, in the AWS configuration: `aws configure list-profiles` shows those that are there{}",
        if is_name(name) { "" } else { ", of whose names only those without spaces and quotes are read here" }
    )]
    NotThere {
        /// As it was given.
        name: String,
        /// Where.
        named_by: String,
    },
    /// Nobody can be trusted by it.
    #[error(
        "cannot read the certificates to be trusted from `{file}`, which {named_by} names: {why}; name a file of certificates, or none for those of the machine"
    )]
    Certificates {
        /// The file.
        file: String,
        /// Where.
        named_by: String,
        /// What is wrong with it.
        why: String,
    },
    /// The SDK asks nobody for a code.
    #[error(
        "the profile `{name}` asks for a code of an MFA device (`mfa_serial`), for which nobody is asked here: put temporary credentials in the environment, as by `aws configure export-credentials --profile {name} --format env`, and leave out the profile"
    )]
    Mfa {
        /// The profile with the role.
        name: String,
    },
}

/// Credentials that are not given.
#[derive(Debug)]
pub(crate) struct Refusing(pub(crate) Problem);

impl ProvideCredentials for Refusing {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        let problem = CredentialsError::invalid_configuration(self.0.clone());
        future::ProvideCredentials::ready(Err(problem))
    }
}

/// The profiles of all files. None where they cannot be read, which the SDK says when it reads them.
pub(crate) async fn profiles() -> Option<ProfileSet> {
    let files = EnvConfigFiles::default();
    load(&Fs::real(), &Env::real(), &files, None).await.ok()
}

/// Whether the environment has credentials, which go before those of a profile that is not asked for.
pub(crate) fn has_the_environment_credentials() -> bool {
    std::env::var_os(KEY_OF_THE_ENVIRONMENT).is_some_and(|key| !key.is_empty())
}

/// What keeps a profile, or else the one that the environment names, from giving credentials. That it is there is expected even if its
/// credentials are not used, as the `aws` CLI does.
pub(crate) fn problem(
    profiles: &ProfileSet,
    profile: Option<&str>,
    has_the_environment_credentials: bool,
) -> Option<Problem> {
    let is_used = profile.is_some() || !has_the_environment_credentials;
    let mut named_by = match profile {
        Some(_) => "`--profile`".to_owned(),
        None => format!("`{PROFILE_OF_THE_ENVIRONMENT}`"),
    };
    let mut name = profile.unwrap_or_else(|| profiles.selected_profile());
    let mut met = BTreeSet::new();
    loop {
        let Some(found) = profiles.get_profile(name) else {
            return (name != DEFAULT).then(|| Problem::NotThere {
                name: name.to_owned(),
                named_by,
            });
        };
        // A role's source that has keys is asked no further (`aws-config`, profiles' chains).
        let is_source_with_keys = !met.is_empty() && found.get("aws_access_key_id").is_some();
        if !is_used || is_source_with_keys || found.get("role_arn").is_none() {
            return None;
        }
        if found.get("mfa_serial").is_some() {
            return Some(Problem::Mfa {
                name: name.to_owned(),
            });
        }
        // The SDK tells of a circle; a profile may be its own source.
        let source = found.get("source_profile")?;
        if !met.insert(name) || source == name {
            return None;
        }
        named_by = format!("`source_profile` of `{name}`");
        name = source;
    }
}

/// The files of profiles; with an endpoint, the profile has it as its own there, for the services that give credentials take it from nowhere
/// else: STS for roles, and IAM Identity Center.
pub(crate) fn files(profile: &str, endpoint_url: Option<&str>) -> EnvConfigFiles {
    let files = EnvConfigFiles::builder()
        .include_default_config_file(true)
        .include_default_credentials_file(true);
    match endpoint_url {
        Some(url) if is_name(profile) && !url.contains(char::is_whitespace) => files
            .with_contents(
                EnvConfigFileKind::Credentials,
                format!("[{profile}]\nendpoint_url = {url}\n"),
            )
            .build(),
        _ => files.build(),
    }
}

/// What the SDK takes for a profile's name (AWS SDKs and Tools Reference Guide, shared files).
fn is_name(text: &str) -> bool {
    let is_of_a_name = |byte: u8| byte.is_ascii_alphanumeric() || b"_-/.%@:+".contains(&byte);
    !text.is_empty() && text.bytes().all(is_of_a_name)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "
[default]
region = eu-west-1
[profile keys]
aws_access_key_id = AKIAIOSFODNN7EXAMPLE
aws_secret_access_key = secret
mfa_serial = arn:aws:iam::111122223333:mfa/jo
[profile role]
role_arn = arn:aws:iam::111122223333:role/audit
source_profile = keys
[profile code]
role_arn = arn:aws:iam::111122223333:role/audit
source_profile = keys
mfa_serial = arn:aws:iam::111122223333:mfa/jo
[profile far]
role_arn = arn:aws:iam::111122223333:role/audit
source_profile = code
[profile lost]
role_arn = arn:aws:iam::111122223333:role/audit
source_profile = nothere
[profile circle]
role_arn = arn:aws:iam::111122223333:role/audit
source_profile = back
[profile back]
role_arn = arn:aws:iam::111122223333:role/audit
source_profile = circle
";

    fn told(environment: &[(&str, &str)], profile: Option<&str>) -> Option<String> {
        let files = EnvConfigFiles::builder()
            .with_contents(EnvConfigFileKind::Config, FILE)
            .build();
        let runtime = crate::runtime().unwrap();
        let environment = Env::from_slice(environment);
        let profiles = runtime.block_on(load(&Fs::from_slice(&[]), &environment, &files, None));
        let has_credentials = environment.get(KEY_OF_THE_ENVIRONMENT).is_ok();
        let problem = problem(&profiles.unwrap(), profile, has_credentials);
        problem.map(|problem| problem.to_string())
    }

    #[test]
    fn a_profile_that_is_not_there_is_named_with_what_names_it() {
        for (environment, profile, names) in [
            (
                vec![],
                Some("nothere"),
                "`nothere`, which `--profile` names",
            ),
            (
                vec![(PROFILE_OF_THE_ENVIRONMENT, "mistyped")],
                None,
                "`mistyped`, which `AWS_PROFILE` names",
            ),
            (
                vec![],
                Some("lost"),
                "`nothere`, which `source_profile` of `lost` names",
            ),
            (vec![], Some("a b"), "without spaces"),
        ] {
            let told = told(&environment, profile).unwrap();
            assert!(told.contains(names), "{told}");
        }
        for profile in ["default", "keys", "role", "circle"] {
            assert_eq!(told(&[], Some(profile)), None, "{profile}");
        }
        assert_eq!(told(&[], None), None);
    }

    #[test]
    fn a_role_that_asks_for_a_code_is_told_with_what_does_instead() {
        for profile in ["code", "far"] {
            let told = told(&[], Some(profile)).unwrap();
            assert!(told.contains("`code`"), "{told}");
            assert!(told.contains("aws configure export-credentials"), "{told}");
        }
        // Those credentials, with the profile still named.
        let environment = |key| [(PROFILE_OF_THE_ENVIRONMENT, "code"), key];
        assert!(told(&environment(("A", "b")), None).is_some());
        let with_key = environment((KEY_OF_THE_ENVIRONMENT, "ASIA"));
        assert_eq!(told(&with_key, None), None);
        assert!(told(&with_key, Some("code")).is_some());
    }

    #[test]
    fn services_that_give_credentials_are_asked_at_the_endpoint_too() {
        let files = files("role", Some("http://127.0.0.1:4566"));
        let runtime = crate::runtime().unwrap();
        let profiles = runtime.block_on(load(
            &Fs::from_slice(&[]),
            &Env::from_slice(&[(PROFILE_OF_THE_ENVIRONMENT, "role")]),
            &files,
            None,
        ));
        let profiles = profiles.unwrap();
        assert_eq!(profiles.get("endpoint_url"), Some("http://127.0.0.1:4566"));
    }
}
