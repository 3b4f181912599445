//! `recipes/`: their commands have the options that they use, and no key is stored.

use std::path::Path;

use crate::support::Sandbox;

#[test]
fn the_commands_of_the_recipes_exist_with_their_options() {
    let sandbox = Sandbox::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../recipes");
    let mut commands = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        assert!(!text.contains("AWS_SECRET_ACCESS_KEY") && !text.contains("aws-secret-access-key"));
        let lines = text
            .lines()
            .filter_map(|line| line.split_once("run: leastgrant "))
            .map(|(_, command)| command.split(" || ").next().unwrap());
        for command in lines {
            // Options that do not exist are refused before the help is shown.
            let arguments: Vec<&str> = command.split(' ').chain(["--help"]).collect();
            sandbox.run(&arguments).expect_code(0);
            commands += 1;
        }
    }
    assert_eq!(commands, 2);
}
