use aws_lc_rs::agreement::{ECDH_P256, PrivateKey};

use super::*;
use crate::secret::{decode, encode};

/// RFC 8291 §5 and appendix A.
const SUBSCRIBER: &str = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
const AUTH: &str = "BTBZMqHH6r4Tts7J_aSIgg";
const SENDER: &str = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw";
const SALT: &str = "DGv6ra1nlYgDCS1FRnbzlw";
const BODY: &str = "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN";

#[test]
fn the_example_of_the_rfc_comes_out() {
    let mut record = b"When I grow up, I want to be a watermelon".to_vec();
    record.push(LAST_RECORD);
    let body = encrypt_padded(record, &subscriber(), &sender(), &salt()).unwrap();
    assert_eq!(encode(&body), BODY);
}

#[test]
fn a_longer_text_of_the_same_kind_has_no_longer_body() {
    let length = |text: &[u8]| encrypt(text, &subscriber(), &sender(), &salt()).unwrap().len();
    assert_eq!(length(b"ring"), length(&[b'x'; 400]));
    assert!(length(&[b'x'; 600]) > length(b"ring"));
}

#[test]
fn what_push_services_take_is_never_exceeded() {
    let body = encrypt(
        &[b'x'; super::super::super::message::MAX_TEXT_BYTES],
        &subscriber(),
        &sender(),
        &salt(),
    );
    assert!(body.unwrap().len() <= 4096);
    encrypt(&[b'x'; 4096], &subscriber(), &sender(), &salt()).unwrap_err();
}

fn subscriber() -> SubscriptionKeys {
    SubscriptionKeys {
        public_key: decode(SUBSCRIBER).unwrap(),
        auth: decode(AUTH).unwrap(),
    }
}

fn sender() -> PrivateKey {
    PrivateKey::from_private_key(&ECDH_P256, &decode(SENDER).unwrap()).unwrap()
}

fn salt() -> [u8; 16] {
    decode(SALT).unwrap().try_into().unwrap()
}
