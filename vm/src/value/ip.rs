//! Addresses and networks (CND-50 to CND-55): parsed once, compared as numbers, never as text.
//!
//! A request holds addresses, a policy networks. The two families never match each other (CND-53); an IPv4-mapped IPv6
//! address of a *request* is its IPv4 address, a policy's network keeps the family it is written in (CND-52).

use core::fmt;
use core::net::{Ipv4Addr, Ipv6Addr};

/// An address of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Address {
    /// An IPv4 address, also one that came as an IPv4-mapped IPv6 address.
    V4(u32),
    /// Any other IPv6 address.
    V6(u128),
}

/// A network as a policy writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Network {
    /// The network's address with its host bits cleared, and its length.
    V4(u32, u8),
    /// The network's address, and its length.
    V6(u128, u8),
}

impl Address {
    /// The address a request value denotes (CND-52); `None` where it is malformed, a network or has a zone id.
    pub fn parse(text: &str) -> Option<Address> {
        if let Some(address) = parse_v4(text) {
            return Some(Address::V4(address));
        }
        let address = parse_v6(text)?;
        let mapped = address >> 32 == 0xffff;
        Some(if mapped { Address::V4(address as u32) } else { Address::V6(address) })
    }
}

impl Network {
    /// The network a policy value denotes (CND-50, CND-51): an address, or an address, `/` and a length.
    ///
    /// IPv4 host bits are cleared; an IPv6 network with host bits set is malformed, as is all else that gives `None`.
    pub fn parse(text: &str) -> Option<Network> {
        let (address, length) = match text.split_once('/') {
            Some((address, length)) => (address, Some(parse_length(length)?)),
            None => (text, None),
        };
        if let Some(address) = parse_v4(address) {
            let length = length.unwrap_or(32);
            return (length <= 32).then_some(Network::V4(address & mask_v4(length), length));
        }
        let address = parse_v6(address)?;
        let length = length.unwrap_or(128);
        (length <= 128 && address & !mask_v6(length) == 0).then_some(Network::V6(address, length))
    }

    /// Whether the address is of the network's family and inside it (CND-53, CND-55). Never panics, whatever the length.
    pub fn contains(self, address: Address) -> bool {
        match (self, address) {
            (Network::V4(network, length), Address::V4(address)) => (address ^ network) & mask_v4(length) == 0,
            (Network::V6(network, length), Address::V6(address)) => (address ^ network) & mask_v6(length) == 0,
            _ => false,
        }
    }
}

/// The bits of an IPv4 network of this length; all of them from 32 on.
fn mask_v4(length: u8) -> u32 {
    !u32::MAX.checked_shr(u32::from(length)).unwrap_or(0)
}

/// The bits of an IPv6 network of this length; all of them from 128 on.
fn mask_v6(length: u8) -> u128 {
    !u128::MAX.checked_shr(u32::from(length)).unwrap_or(0)
}

/// `0`, or up to three digits without leading zero or sign (CND-50). Its callers check it against the family's width.
fn parse_length(text: &str) -> Option<u8> {
    let digits = text.bytes().all(|b| b.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    text.parse().ok().filter(|_| digits)
}

/// Four decimal octets of one to three digits; leading zeros read as decimal (CND-52).
fn parse_v4(text: &str) -> Option<u32> {
    let mut octets = text.split('.');
    let mut address = 0;
    for _ in 0..4 {
        let octet = octets.next()?;
        if octet.len() > 3 || !octet.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        address = address << 8 | u32::from(octet.parse::<u8>().ok()?);
    }
    octets.next().is_none().then_some(address)
}

/// Any text form of RFC 4291, section 2.2. `::` stands for one group at least.
fn parse_v6(text: &str) -> Option<u128> {
    let mut groups = Groups::default();
    let mut gap = None;
    let mut rest = text;
    if let Some(behind) = text.strip_prefix("::") {
        (gap, rest) = (Some(0), behind);
    }
    // `rest` begins with a group, or is empty just behind the gap.
    while !(rest.is_empty() && gap == Some(groups.count)) {
        let Some((group, behind)) = rest.split_once(':') else {
            groups.push_last(rest)?;
            break;
        };
        groups.push(parse_group(group)?)?;
        rest = behind;
        if let Some(behind) = rest.strip_prefix(':') {
            if gap.is_some() {
                return None;
            }
            (gap, rest) = (Some(groups.count), behind);
        }
    }
    match gap {
        None => (groups.count == 8).then_some(groups.value),
        Some(_) if groups.count == 8 => None,
        Some(left) => {
            let right_bits = 16 * (groups.count - left);
            let right = groups.value & !mask_v6((128 - right_bits) as u8);
            let left_bits = groups.value.checked_shr(right_bits).unwrap_or(0);
            Some(left_bits.checked_shl(128 - 16 * left).unwrap_or(0) | right)
        }
    }
}

/// One to four hexadecimal digits.
fn parse_group(text: &str) -> Option<u16> {
    let digits = text.len() <= 4 && text.bytes().all(|b| b.is_ascii_hexdigit());
    u16::from_str_radix(text, 16).ok().filter(|_| digits)
}

/// The groups of an IPv6 address read so far, the last one in the lowest bits.
#[derive(Default)]
struct Groups {
    count: u32,
    value: u128,
}

impl Groups {
    fn push(&mut self, group: u16) -> Option<()> {
        self.count += 1;
        self.value = self.value << 16 | u128::from(group);
        (self.count <= 8).then_some(())
    }

    /// The last piece of the text: a group, or the last two groups as an IPv4 address.
    fn push_last(&mut self, text: &str) -> Option<()> {
        if let Some(v4) = parse_v4(text) {
            self.push((v4 >> 16) as u16)?;
            return self.push(v4 as u16);
        }
        self.push(parse_group(text)?)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Address::V4(address) => Ipv4Addr::from_bits(address).fmt(f),
            Address::V6(address) => Ipv6Addr::from_bits(address).fmt(f),
        }
    }
}

impl fmt::Display for Network {
    /// With its length, also where that is the whole address.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Network::V4(address, length) => write!(f, "{}/{length}", Ipv4Addr::from_bits(address)),
            Network::V6(address, length) => write!(f, "{}/{length}", Ipv6Addr::from_bits(address)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::{String, ToString};

    fn inside(network: &str, address: &str) -> bool {
        Network::parse(network).expect(network).contains(Address::parse(address).expect(address))
    }

    /// The vectors of 7.9, and CND-50, CND-51, CND-53, CND-55.
    #[test]
    fn membership() {
        for (network, address, expected) in [
            ("203.0.113.0/24", "203.0.113.9", true),
            ("203.0.113.0/24", "203.0.114.9", false),
            ("0.0.0.0/0", "8.8.8.8", true),
            ("0.0.0.0/0", "2001:db8::1", false),
            ("::/0", "2001:db8::1", true),
            ("::/0", "8.8.8.8", false),
            ("2001:db8::/32", "2001:0DB8:0:0::5", true),
            ("2001:db8::/32", "2001:db9::", false),
            ("2001:db8::1", "2001:db8:0::0001", true),
            ("2001:db8::1/128", "2001:db8::2", false),
            ("10.0.0.0/8", "::ffff:10.1.1.1", true),
            ("10.0.0.0/8", "::FFFF:0a01:0101", true),
            ("10.1.2.3/8", "10.200.0.1", true),
            ("10.1.2.3/32", "10.1.2.3", true),
            ("10.1.2.3", "10.1.2.4", false),
            ("128.0.0.0/1", "127.255.255.255", false),
            ("010.1.2.3", "10.001.02.3", true),
            // A policy's network keeps its family (CND-52), so that a mapped one meets no request.
            ("::ffff:10.1.1.1", "10.1.1.1", false),
            ("::ffff:10.1.1.1", "::ffff:10.1.1.1", false),
        ] {
            assert_eq!(inside(network, address), expected, "{network} {address}");
        }
    }

    /// CND-50, CND-51.
    #[test]
    fn malformed_networks() {
        for text in [
            "",
            "/",
            "/8",
            "10.0.0.0/",
            "10.0.0.0/33",
            "10.0.0.0/08",
            "10.0.0.0/+8",
            "10.0.0.0/-8",
            "10.0.0.0/8/8",
            "10.0.0.0/256",
            "10.0.0.0/ 8",
            "10.0.0/8",
            "10.0.0.0/255.0.0.0",
            "2001:db8::1/32",
            "::1/0",
            "::/129",
            "::/00",
            "::/1000",
            "not-an-ip",
            "10.0.0.0 /8",
            "::1%eth0",
            "*",
        ] {
            assert_eq!(Network::parse(text), None, "{text}");
        }
    }

    /// CND-52.
    #[test]
    fn addresses() {
        for (text, expected) in [
            ("::", "::"),
            ("::1", "::1"),
            ("1::", "1::"),
            ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"),
            ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"),
            ("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"),
            ("1::8", "1::8"),
            ("1:2::7:8", "1:2::7:8"),
            ("1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"),
            ("::1.2.3.4", "::102:304"),
            ("1::1.2.3.4", "1::102:304"),
            ("1:2:3:4:5::1.2.3.4", "1:2:3:4:5:0:102:304"),
            ("::2:3:4:5:6:001.002.003.004", "0:2:3:4:5:6:102:304"),
            ("::FFFF:1.2.3.4", "1.2.3.4"),
            ("0:0:0:0:0:ffff:1.2.3.4", "1.2.3.4"),
            ("::ffff:0:1.2.3.4", "::ffff:0:102:304"),
            ("ABCD::ef01", "abcd::ef01"),
            ("255.255.255.255", "255.255.255.255"),
            ("000.000.000.000", "0.0.0.0"),
        ] {
            assert_eq!(Address::parse(text).expect(text).to_string(), expected, "{text}");
        }
    }

    /// CND-52.
    #[test]
    fn malformed_addresses() {
        for text in [
            "",
            ":",
            ":::",
            "1",
            "1:",
            ":1",
            "1:2:3:4:5:6:7",
            "1:2:3:4:5:6:7:8:9",
            "1:2:3:4:5:6:7:8:",
            ":1:2:3:4:5:6:7:8",
            "1:2:3:4::5:6:7:8",
            "::1:2:3:4:5:6:7:8",
            "1:2:3:4:5:6:7:8::",
            "1::2::3",
            "1:::2",
            "::1::",
            "12345::",
            "g::",
            "+1::",
            "1::%eth0",
            "fe80::1%1",
            "[::1]",
            "::1/128",
            "10.0.0.0/8",
            "not-an-ip",
            "1.2.3",
            "1.2.3.4.5",
            "1.2.3.256",
            "1.2.3.0004",
            "1.2.3.",
            ".1.2.3",
            "1..2.3",
            "+1.2.3.4",
            " 1.2.3.4",
            "1.2.3.4 ",
            "0x1.2.3.4",
            ":1.2.3.4",
            "1:2:3:4:5:6:7:1.2.3.4",
            "1:2:3:4:5:6::1.2.3.4",
            "1:::1.2.3.4",
            "1.2.3.4::",
            "::1.2.3.4:5",
            "::1.2.3",
            "::1.2.3.256",
            "1:2:3:4:5:1.2.3.4",
            "\u{661}.2.3.4",
            "::\u{661}",
        ] {
            assert_eq!(Address::parse(text), None, "{text}");
        }
    }

    /// Without dots, the forms are those of the standard library; every text of eight characters of a small alphabet.
    #[test]
    fn agrees_with_the_standard_library() {
        let alphabet = [':', '1', 'f'];
        for length in 0..=11 {
            for number in 0..3_u32.pow(length) {
                let text: String = (0..length).map(|i| alphabet[(number / 3_u32.pow(i) % 3) as usize]).collect();
                assert_eq!(parse_v6(&text), text.parse().ok().map(Ipv6Addr::to_bits), "{text}");
            }
        }
        for start in ["1:2:3:4:5", "1:2:3:4:5:6", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8", "1:2::3:4:5:6", "1:2::3:4:5:6:7"]
        {
            for end in ["", ":", "::", ":9", "::9", ":1.2.3.4", "::1.2.3.4"] {
                let text = String::from(start) + end;
                assert_eq!(parse_v6(&text), text.parse().ok().map(Ipv6Addr::to_bits), "{text}");
            }
        }
    }

    /// What is printed parses to the same again; lengths from outside never panic.
    #[test]
    fn printing_and_odd_lengths() {
        for text in ["10.1.2.3/8", "0.0.0.0/0", "1.2.3.4", "::/0", "2001:db8::/32", "::ffff:1.2.3.4"] {
            let network = Network::parse(text).unwrap();
            assert_eq!(Network::parse(&network.to_string()), Some(network), "{text}");
        }
        for length in 0..=u8::MAX {
            assert!(Network::V4(7, length).contains(Address::V4(7)));
            assert!(Network::V6(7, length).contains(Address::V6(7)));
            assert_eq!(Network::V4(7, length).contains(Address::V4(6)), length < 32);
            assert_eq!(Network::V6(7, length).contains(Address::V6(6)), length < 128);
        }
    }
}
