use super::major;

#[test]
fn the_major_version_of_node_is_read_from_what_node_prints() {
    assert_eq!(major("v20.20.2"), Some(20));
    assert_eq!(major("v18.0.0"), Some(18));
    assert_eq!(major("command not found"), None);
}
