//! The same options give the same bytes.

use super::{Bundle, with_days};
use crate::{Options, write};

#[test]
fn the_same_seed_gives_the_same_bytes_whatever_the_number_of_threads() {
    let options = with_days(3);
    let one = Bundle::write(&options);
    for threads in [1, 7] {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        let other = pool.install(|| Bundle::write(&options));
        assert_eq!(one.summary, other.summary);
        // Not compared by `assert_eq!`, which would print megabytes.
        assert!(one.files() == other.files());
    }
}

#[test]
fn another_seed_gives_other_principals() {
    let one = Bundle::write(&with_days(1));
    let other = Bundle::write(&Options {
        seed: 2,
        ..with_days(1)
    });
    assert_ne!(one.accounts(), other.accounts());
    assert!(one.files() != other.files());
}

#[test]
fn the_summary_counts_what_was_written() {
    let bundle = Bundle::write(&with_days(2));
    assert_eq!(bundle.summary.files, bundle.files().len());
    assert_eq!(bundle.summary.accounts, 3);
    assert_eq!(bundle.summary.users, 80);
    assert_eq!(bundle.summary.roles, 40);
    let truth = bundle.json("truth.json");
    assert_eq!(
        bundle.summary.findings,
        truth["findings"].as_array().unwrap().len()
    );
    let records: usize = bundle
        .accounts()
        .iter()
        .map(|account| bundle.records(account).len())
        .sum();
    assert_eq!(bundle.summary.cloudtrail_events, records as u64);
}

#[test]
fn an_organisation_has_an_account() {
    let options = Options {
        accounts: 0,
        ..Options::default()
    };
    let error = write(&options, &std::env::temp_dir()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "cannot make up an organisation of `0` accounts: ask for at least `1`"
    );
}

#[test]
fn small_and_empty_organisations_are_written_too() {
    for (accounts, principals) in [(1, 0), (1, 1), (1, 5), (7, 3), (40, 200)] {
        let bundle = Bundle::write(&Options {
            accounts,
            principals,
            days: 2,
            ..Options::default()
        });
        assert_eq!(bundle.accounts().len(), accounts);
        assert_eq!(bundle.summary.users + bundle.summary.roles, principals);
    }
}

#[test]
fn any_number_of_days_is_possible() {
    let bundle = Bundle::write(&Options {
        principals: 0,
        days: u32::MAX,
        ..Options::default()
    });
    // Two roots sign in once, and one of them calls once with its key.
    assert_eq!(bundle.summary.cloudtrail_events, 3);
}
