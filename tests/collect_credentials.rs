//! `collect` with the credentials that people have: profiles of one account, of roles, of processes, and mistyped ones; and going on with them.

use std::os::unix::fs::PermissionsExt as _;

use leastgrant_inventory::tables::UserRow;
use serde_json::json;

use crate::collect_live::{AS_OF, Account};
use crate::servers::Server;
use crate::support::Ran;

impl Account {
    /// Without credentials in the environment, with the server's profiles and those of a configuration.
    fn with_profiles(&self, configuration: &str, profiles: &[&str], more: &[&str]) -> Ran {
        self.sandbox.write("configuration", configuration);
        let mut command = self.command(&["collect", "--out", "inv", AS_OF[0], AS_OF[1]]);
        command
            .env_remove("AWS_ACCESS_KEY_ID")
            .env_remove("AWS_SECRET_ACCESS_KEY")
            .env(
                "AWS_SHARED_CREDENTIALS_FILE",
                self.sandbox.path("credentials"),
            )
            .env("AWS_CONFIG_FILE", self.sandbox.path("configuration"))
            .env("AWS_LOGIN_CACHE_DIRECTORY", self.sandbox.path("login"))
            .args(more);
        if !profiles.is_empty() {
            command.arg("--profile").args(profiles);
        }
        self.sandbox.ran(&mut command)
    }
}

#[test]
fn collect_tells_of_two_profiles_of_one_account() {
    let Some(account) = Account::new() else {
        return;
    };
    let again = "[profile again]\naws_access_key_id=test\naws_secret_access_key=test\n";
    account
        .with_profiles(again, &["one", "again", "two"], &[])
        .expect_code(3);
    let manifest = account.sandbox.manifest();
    assert_eq!(manifest["accounts"].as_array().unwrap().len(), 2);
    let gaps = &manifest["gaps"];
    assert_eq!(gaps.as_array().unwrap().len(), 1, "{gaps}");
    let reason = gaps[0]["reason"].as_str().unwrap();
    assert!(
        reason.contains("the profiles `one` and `again` are of the same account, `123456789012`"),
        "{reason}"
    );
    // The account was asked.
    assert_eq!(gaps[0]["unknowable"], json!([]));
}

#[test]
fn collect_asks_the_accounts_of_two_profiles_side_by_side() {
    let Some(account) = Account::new() else {
        return;
    };
    account.sandbox.write("delay.txt", "0.01");
    account
        .with_profiles("", &["one", "two"], &[])
        .expect_code(0);
    let asked = account.calls();
    let places = |is_of: fn(&str) -> bool| {
        let places = asked.iter().enumerate().filter(|(_, call)| {
            let key = call.split(' ').nth(1).unwrap();
            call.starts_with("iam:") && is_of(key)
        });
        places.map(|(place, _)| place).collect::<Vec<_>>()
    };
    let (one, two) = (places(|key| key == "test"), places(|key| key != "test"));
    assert!(one.len() > 10 && two.len() > 10, "{asked:#?}");
    assert!(
        one[0] < two[two.len() - 1] && two[0] < one[one.len() - 1],
        "{asked:#?}"
    );
    assert_eq!(
        account.sandbox.manifest()["accounts"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
}

#[test]
fn collect_asks_a_member_of_the_organization_with_its_own_profile() {
    let Some(account) = Account::new() else {
        return;
    };
    account.faults(&json!([{"on": "sts:AssumeRole", "status": 403, "code": "AccessDenied"}]));
    account
        .with_profiles("", &["one", "two"], &["--org"])
        .expect_code(3);
    let gaps = account.sandbox.gaps();
    assert_eq!(gaps.len(), 1, "{gaps:#?}");
    assert!(gaps[0].contains("sts:AssumeRole"), "{gaps:?}");
    let users = account.sandbox.rows::<UserRow>();
    assert!(users.iter().any(|user| user.user_name == "carol"));
}

#[test]
fn collect_asks_with_the_session_that_aws_login_began() {
    let Some(account) = Account::new() else {
        return;
    };
    // `aws login` keeps it under the SHA-256 of what `login_session` says. Nobody is asked for a new one before it ends.
    let session = json!({
        "accessToken": {
            "accessKeyId": "ASIASIGNEDINEXAMPLE1",
            "secretAccessKey": "made-up",
            "sessionToken": "made-up",
            "accountId": "123456789012",
            "expiresAt": "2199-12-31T23:59:59Z",
        },
        "tokenType": "aws_sigv4",
        "refreshToken": "made-up",
        "clientId": "arn:aws:signin:::devtools/same-device",
        "dpopKey": "made-up",
    });
    let kept = "login/b7d71d383b9557a9bad4c3346c50365819226484c6824a0fdef66637be339db0.json";
    account.sandbox.write(kept, session.to_string());
    // The server lets nobody with it see the organization.
    let profile = "[profile signed-in]\nlogin_session=arn:aws:iam::123456789012:user/alice\n";
    account
        .with_profiles(profile, &["signed-in"], &[])
        .expect_code(3);
    let asked = account.calls();
    assert!(asked.len() > 10, "{asked:#?}");
    for call in &asked {
        assert_eq!(
            call.split(' ').nth(1),
            Some("ASIASIGNEDINEXAMPLE1"),
            "{call}"
        );
    }
}

#[test]
fn collect_names_a_profile_that_is_not_there() {
    let Some(account) = Account::new() else {
        return;
    };
    let lost = "[profile lost]\nrole_arn=arn:aws:iam::123456789012:role/web\nsource_profile=gone\n";
    for (profile, named) in [
        (
            "nothere",
            "there is no profile `nothere`, which `--profile` names",
        ),
        (
            "lost",
            "there is no profile `gone`, which `source_profile` of `lost` names",
        ),
    ] {
        let ran = account.with_profiles(lost, &[profile], &[]).expect_code(2);
        assert!(ran.stderr.contains(named), "{}", ran.stderr);
    }
    let mut command = account.command(&["collect", "--out", "inv"]);
    command.env("AWS_PROFILE", "mistyped");
    let ran = account.sandbox.ran(&mut command).expect_code(2);
    let named = "there is no profile `mistyped`, which `AWS_PROFILE` names";
    assert!(ran.stderr.contains(named), "{}", ran.stderr);
    assert_eq!(account.calls(), [""; 0]);
}

#[test]
fn collect_assumes_the_role_of_a_profile_at_the_endpoint() {
    let Some(account) = Account::new() else {
        return;
    };
    // The server lets a role see nothing of the organization.
    let role = "[profile audit]\nrole_arn=arn:aws:iam::123456789012:role/web\nsource_profile=one\nregion=eu-west-1\n";
    account.with_profiles(role, &["audit"], &[]).expect_code(3);
    let assumed = "sts:AssumeRole test arn:aws:iam::123456789012:role/web";
    assert!(account.calls().iter().any(|call| call == assumed));
    let mut command = account.command(&["collect", "--out", "inv", AS_OF[0], AS_OF[1]]);
    command
        .env_remove("AWS_ACCESS_KEY_ID")
        .env_remove("AWS_SECRET_ACCESS_KEY")
        .env(
            "AWS_SHARED_CREDENTIALS_FILE",
            account.sandbox.path("credentials"),
        )
        .env("AWS_CONFIG_FILE", account.sandbox.path("configuration"))
        .env("AWS_PROFILE", "audit");
    account.sandbox.ran(&mut command).expect_code(3);
    assert!(account.calls().iter().any(|call| call == assumed));
}

/// All goes over TLS, to the service that gives the role's credentials too, and the authority is known by the file alone.
#[test]
fn collect_trusts_the_authorities_of_the_file_that_the_environment_or_the_profile_names() {
    let Some(account) = Account::new() else {
        return;
    };
    let (_, port) = account.url().rsplit_once(':').unwrap();
    let folder = account.sandbox.path("");
    let Some(server) = Server::start("tls", &[&folder, port.as_ref()]) else {
        return;
    };
    let url = server.url().replace("http:", "https:");
    let authority = account.sandbox.path("authority.pem");
    let profiles = format!(
        "[profile trusting]\nrole_arn=arn:aws:iam::123456789012:role/web\nsource_profile=one\nca_bundle={}\n[profile lost]\nca_bundle=gone.pem\n",
        authority.display()
    );
    account.sandbox.write("configuration", profiles);
    let collect = |named: Option<&str>, profile: &str| {
        let mut command = account.sandbox.command();
        command
            .args(["collect", "--out", "inv", AS_OF[0], AS_OF[1]])
            .args(["--endpoint-url", &url, "--profile", profile])
            .env("AWS_CONFIG_FILE", account.sandbox.path("configuration"))
            .env(
                "AWS_SHARED_CREDENTIALS_FILE",
                account.sandbox.path("credentials"),
            )
            .envs(named.map(|file| ("AWS_CA_BUNDLE", file)));
        account.sandbox.ran(&mut command)
    };
    let distrusted = collect(None, "one").expect_code(2).stderr;
    assert!(
        distrusted.contains("name the file of the certificates to be trusted in `AWS_CA_BUNDLE`"),
        "{distrusted}"
    );
    collect(Some(authority.to_str().unwrap()), "one").expect_code(0);
    account.calls();
    // The server lets a role see nothing of the organization.
    collect(None, "trusting").expect_code(3);
    let assumed = "sts:AssumeRole test arn:aws:iam::123456789012:role/web";
    assert!(account.calls().iter().any(|call| call == assumed));
    for (named, profile, told) in [
        (
            Some("nowhere.pem"),
            "trusting",
            "`nowhere.pem`, which `AWS_CA_BUNDLE` names: No such file",
        ),
        (
            None,
            "lost",
            "`gone.pem`, which `ca_bundle` of the profile `lost` names: No such file",
        ),
    ] {
        let stderr = collect(named, profile).expect_code(2).stderr;
        assert!(stderr.contains(told), "{stderr}");
        // The network has nothing to do with it.
        assert!(
            stderr
                .trim_end()
                .ends_with("or none for those of the machine"),
            "{stderr}"
        );
    }
}

#[test]
fn collect_keeps_nothing_that_a_process_for_credentials_printed() {
    let Some(account) = Account::new() else {
        return;
    };
    let process = "[profile process]\ncredential_process = sh -c \"echo hunter2 >&2; exit 3\"\n";
    let ran = account
        .with_profiles(process, &["process", "one"], &[])
        .expect_code(3);
    let kept = account
        .sandbox
        .read(".inv.leastgrant-answers/profile%20process.jsonl");
    for text in [ran.stderr, kept, account.sandbox.read("inv/manifest.json")] {
        assert!(!text.contains("hunter2"), "{text}");
        assert!(text.contains("exit status: 3"), "{text}");
    }
}

#[test]
fn collect_goes_on_at_the_same_place_only_and_says_from_when() {
    let Some(account) = Account::new() else {
        return;
    };
    let no_root = json!({"on": "organizations:ListRoots", "status": 200, "body": r#"{"Roots":[{"Name":"Root"}]}"#});
    let no_keys = json!({"on": "iam:ListAccessKeys", "status": 200, "body": "<ListAccessKeysResponse><ListAccessKeysResult><UserName>alice</UserName></ListAccessKeysResult></ListAccessKeysResponse>"});
    account.faults(&json!([no_root, no_keys]));
    account.collect(&AS_OF).expect_code(3);
    let gaps = account.sandbox.gaps().join("\n");
    assert!(
        gaps.contains("the answer has no `AccessKeyMetadata`"),
        "{gaps}"
    );
    account.faults(&json!([]));
    let resume = ["collect", "--out", "inv", "--resume", AS_OF[0], AS_OF[1]];
    for (name, value) in [
        ("AWS_REGION", "us-west-2"),
        ("AWS_ENDPOINT_URL_IAM", "http://127.0.0.1:9"),
    ] {
        let mut command = account.command(&resume);
        command.env(name, value);
        let ran = account.sandbox.ran(&mut command).expect_code(2);
        let named = format!("{name}={value}");
        assert!(ran.stderr.contains(&named), "{}", ran.stderr);
    }
    let ran = account
        .sandbox
        .ran(&mut account.command(&resume))
        .expect_code(0);
    assert!(
        ran.stderr.contains("goes on from answers of 20"),
        "{}",
        ran.stderr
    );
}

#[test]
fn collect_writes_what_only_its_owner_can_read() {
    let Some(account) = Account::new() else {
        return;
    };
    account.collect(&AS_OF).expect_code(0);
    for (name, mode) in [
        ("inv", 0o700),
        ("inv/manifest.json", 0o600),
        ("inv/users.parquet", 0o600),
    ] {
        let metadata = std::fs::metadata(account.sandbox.path(name)).unwrap();
        assert_eq!(metadata.permissions().mode() & 0o777, mode, "{name}");
    }
}

#[test]
fn collect_refuses_options_that_aws_would_refuse_before_it_asks() {
    let Some(account) = Account::new() else {
        return;
    };
    for (arguments, told) in [
        (&["--org", "--external-id", ""][..], "--external-id"),
        (&["--org", "--external-id", "a b"], "--external-id"),
        (
            &["--org", "--session-tag", "team=a", "Team=b"],
            "gives a key twice",
        ),
        (&["--region", ""], "--region"),
        (&["--region", "eu west"], "--region"),
    ] {
        let ran = account.collect(arguments).expect_code(2);
        assert!(ran.stderr.contains(told), "{}", ran.stderr);
    }
    assert_eq!(account.calls(), [""; 0]);
}
