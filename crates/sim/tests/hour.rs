//! A virtual hour, which `make bench` measures with more phones.

/// SI-01, SI-04, CDR-15
#[test]
fn an_office_lives_through_an_hour() {
    let hour = sim::virtual_hour(20, 1);
    assert_eq!(hour.left_over, None);
    assert!(hour.calls >= 50 && hour.answered >= 30, "{hour:?}");
    assert!(hour.registrations >= 20 * 7, "{hour:?}");
    assert!(hour.packets > 20_000, "{hour:?}");
}
