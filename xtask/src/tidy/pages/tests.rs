use super::problems;
use crate::tidy::files::Tracked;

fn tree(files: &[(&str, &str)]) -> Vec<Tracked> {
    files
        .iter()
        .map(|(path, text)| Tracked {
            path: (*path).to_owned(),
            text: (*text).to_owned(),
        })
        .collect()
}

#[test]
fn a_page_that_the_summary_forgets_is_named() {
    let files = tree(&[
        ("docs/SUMMARY.md", "- [A](a.md)"),
        ("docs/a.md", "# A"),
        ("docs/b.md", "# B"),
        ("docs/decisions/0001-x.md", "# X"),
    ]);
    assert_eq!(problems(&files), ["docs/b.md: docs/SUMMARY.md does not list it"]);
}

#[test]
fn a_link_to_nothing_is_named_and_others_are_not() {
    let files = tree(&[
        ("docs/SUMMARY.md", "- [A](a.md)\n- [Gone](gone.md)"),
        (
            "docs/a.md",
            "# A\n[self](a.md#some-heading) [up](../deploy/x.yaml) [folder](../deploy) [out](https://example.org) [here](#a)\n\
             [lost](lost.md) [no heading](a.md#other)\n## Some heading",
        ),
        ("deploy/x.yaml", ""),
    ]);
    assert_eq!(
        problems(&files),
        [
            "docs/SUMMARY.md: a link to gone.md, which is not there",
            "docs/a.md: a link to lost.md, which is not there",
            "docs/a.md: a.md has no heading \"other\"",
        ]
    );
}
