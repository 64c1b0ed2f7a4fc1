package dev.taskqueue.operator.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CidrTest {

    @ParameterizedTest(name = "{1} lies in {0}: {2}")
    @CsvSource({
        "127.20.0.0/16, 127.20.0.0, true",
        "127.20.0.0/16, 127.20.255.255, true",
        "127.20.0.0/16, 127.21.0.0, false",
        "10.0.0.0/9, 10.127.255.255, true",
        "10.0.0.0/9, 10.128.0.0, false",
        "192.0.2.7/32, 192.0.2.7, true",
        "192.0.2.7/32, 192.0.2.6, false",
        "0.0.0.0/0, 203.0.113.9, true",
        "0.0.0.0/0, ::1, false",
        "::/0, 203.0.113.9, false",
        "fd00::/8, fdff:ffff::1, true",
        "fd00::/8, fe00::1, false",
        "2001:db8::/65, 2001:db8:0:0:7fff::1, true",
        "2001:db8::/65, 2001:db8:0:0:8000::1, false",
        "::ffff:10.0.0.0/104, 10.9.9.9, true",
        "::ffff:10.0.0.0/104, 11.0.0.0, false",
    })
    void containsTheAddressesThatShareItsPrefix(String block, String address, boolean inside) {
        assertThat(Cidr.parse(block).contains(InetAddress.ofLiteral(address))).isEqualTo(inside);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "10.0.0.0",
                "10.0.0.0/",
                "/8",
                "10/8",
                "10.0.0/8",
                "10.0.0.0/08",
                "10.0.0.0/-1",
                "10.0.0.256/32",
                "010.0.0.0/8",
                " 10.0.0.0/8",
                "10.0.0.0/8 ",
                "10.0.0.0/8/8",
                "fe80::1%1/128",
                "fd00:::/8",
                "::ffff:10.0.0.0/8",
                "::ffff:10.0.0.0/200",
                "example.org/8",
                "10.0.0.0/8,fd00::/8"
            })
    void anythingElseIsRefusedWithAnExample(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Cidr.parse(text))
                .withMessageContaining("\"" + text + "\"")
                .withMessageContaining("such as 10.0.0.0/8");
    }

    @Test
    void bitsBehindThePrefixAreRefusedWithTheBlockThatWasMeant() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Cidr.parse("127.20.1.0/16"))
                .withMessage("127.20.1.0/16 has bits set behind its prefix; write 127.20.0.0/16");
    }

    @ParameterizedTest
    @CsvSource({"10.0.0.0/33, /32", "fd00::/129, /128"})
    void aPrefixLongerThanTheAddressIsRefused(String text, String longest) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Cidr.parse(text))
                .withMessageEndingWith("write at most " + longest);
    }

    @Test
    void anIpv4AddressInIpv6sClothesIsTheIpv4Address() throws UnknownHostException {
        byte[] mapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1, 127, 0, 0, 1};
        InetAddress disguised = Inet6Address.getByAddress("", mapped, -1);
        assertThat(Cidr.normalised(disguised)).isEqualTo(InetAddress.ofLiteral("127.0.0.1"));
        assertThat(Cidr.parse("127.0.0.0/8").contains(disguised)).isTrue();
    }

    @Test
    void itsTextCanBeReadAgain() {
        assertThat(Cidr.parse("127.20.0.0/16")).hasToString("127.20.0.0/16");
        assertThat(Cidr.parse(Cidr.parse("fd00::/8").toString())).isEqualTo(Cidr.parse("fd00::/8"));
    }
}
