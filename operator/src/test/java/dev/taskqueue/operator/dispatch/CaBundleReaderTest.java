package dev.taskqueue.operator.dispatch;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.taskqueue.operator.dispatch.CaBundleReader.Reading;
import dev.taskqueue.operator.testing.TestingCertificate;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What companies have in their CA bundles: what can be read is used, and the rest is named. */
@TestInstance(Lifecycle.PER_CLASS)
class CaBundleReaderTest {
    private TestingCertificate first;
    private TestingCertificate second;

    @BeforeAll
    void create(@TempDir Path folder) throws Exception {
        first = TestingCertificate.madeOutFor("first.example", folder);
        second = TestingCertificate.madeOutFor("second.example", folder);
    }

    @Test
    void aCertificateThatJavaRefusesIsNamedAndTheOthersAreUsed() throws Exception {
        Reading reading = read(first.pem() + pem("CERTIFICATE", withoutIssuer(der(first))) + second.pem());
        assertThat(used(reading)).isEqualTo(2);
        assertThat(reading.faults())
                .singleElement()
                .asString()
                .startsWith("certificate 2: ")
                .containsIgnoringCase("issuer");
    }

    @Test
    void withoutAnyGoodCertificateThereIsNoBundle() throws Exception {
        Reading reading = read(pem("CERTIFICATE", withoutIssuer(der(first))));
        assertThat(reading.bundle()).isNull();
        assertThat(reading.faults()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "no certificate", "\u0000", "-----BEGIN ", "-----BEGIN -----"})
    void whatHoldsNothingOfTheKindHasNoCertificates(String content) {
        assertThat(read(content).bundle()).isNull();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "-----BEGIN CERTIFICATE-----\\nAAAA\\n-----END CERTIFICATE----- | certificate 1: ",
                "-----BEGIN CERTIFICATE-----\\n*\\n-----END CERTIFICATE----- | certificate 1: its Base64 is broken",
                "-----BEGIN CERTIFICATE-----\\nAAAA\\n | certificate 1: it does not end with END CERTIFICATE",
                "-----BEGIN EC PRIVATE KEY-----\\nc2VzYW1l\\n-----END EC PRIVATE KEY----- | a private key, which does not belong there",
                "-----BEGIN TRUSTED CERTIFICATE-----\\nAAAA\\n-----END TRUSTED CERTIFICATE----- | a trusted certificate, which only OpenSSL reads",
                "-----BEGIN PKCS7-----\\nAAAA\\n-----END PKCS7----- | a block pkcs7, which is not a certificate"
            })
    void aPartThatCannotBeUsedIsNamedAndDoesNotSpoilTheNext(String part, String fault) throws Exception {
        Reading reading = read(part.translateEscapes() + "\n" + first.pem());
        assertThat(used(reading)).isEqualTo(1);
        assertThat(reading.faults())
                .singleElement()
                .asString()
                .startsWith(fault)
                .doesNotContain("c2VzYW1l");
    }

    @Test
    void textBetweenTheBlocksAndOtherLineEndsDoNotMatter() throws Exception {
        String pem = "Bag Attributes\n    friendlyName: ä\nsubject=CN=test\n" + first.pem() + "# and another\n"
                + second.pem()
                        .replace("-----BEGIN CERT", "-----BEGIN X509 CERT")
                        .replace("-----END CERT", "-----END X509 CERT");
        for (String content :
                List.of(pem, pem.replace("\n", "\r\n"), "\u00ef\u00bb\u00bf" + pem, pem.replace("\n", "\\n"))) {
            assertThat(used(read(content))).isEqualTo(2);
            assertThat(read(content).faults()).isEmpty();
        }
        assertThat(used(CaBundleReader.read(("\ufeff" + pem).getBytes(UTF_16LE))))
                .isEqualTo(2);
    }

    @Test
    void aBinaryCertificateIsRead() throws Exception {
        assertThat(used(CaBundleReader.read(der(first)))).isEqualTo(1);
        byte[] broken = der(first).clone();
        broken[1] = 0;
        assertThat(CaBundleReader.read(broken).bundle()).isNull();
    }

    @Test
    void theSameCertificateTwiceIsOne() throws Exception {
        assertThat(used(read(first.pem() + second.pem() + first.pem()))).isEqualTo(2);
    }

    @Test
    void aHugeBundleIsReadOnceAndBounded() throws Exception {
        String garbage = "-----BEGIN X-----".repeat(60_000);
        Reading reading = read(garbage + first.pem());
        assertThat(used(reading)).isEqualTo(1);
        assertThat(reading.faults()).hasSize(100);
        var many = new StringBuilder();
        for (int i = 0; i <= CaBundleReader.MOST_CERTIFICATES; i++) {
            many.append(pem("CERTIFICATE", withSerial(der(first), i)));
        }
        Reading bounded = read(many.toString());
        assertThat(used(bounded)).isEqualTo(CaBundleReader.MOST_CERTIFICATES);
        assertThat(bounded.faults()).containsExactly("all that follows the first 500 certificates");
    }

    private static Reading read(String content) {
        return CaBundleReader.read(content.getBytes(ISO_8859_1));
    }

    private static int used(Reading reading) {
        return Objects.requireNonNull(reading.bundle()).certificates().size();
    }

    private static byte[] der(TestingCertificate certificate) throws Exception {
        return Base64.getMimeDecoder().decode(certificate.pem().replaceAll("-----[^-]*-----", ""));
    }

    private static String pem(String label, byte[] der) {
        return "-----BEGIN %s-----\n%s\n-----END %s-----\n"
                .formatted(label, Base64.getMimeEncoder().encodeToString(der), label);
    }

    private static byte[] withoutIssuer(byte[] der) {
        return withField(der, 3, element(0x30));
    }

    private static byte[] withSerial(byte[] der, int serial) {
        return withField(der, 1, element(2, new byte[] {1, (byte) (serial >> 8), (byte) serial}));
    }

    /** Another field of the certificate: 1 is the serial number, 3 the issuer. The signature does not fit then, and nobody checks it. */
    private static byte[] withField(byte[] der, int index, byte[] field) {
        var outer = new DerCursor(der);
        assertThat(outer.next()).isTrue();
        DerCursor parts = outer.inside();
        assertThat(parts.next()).isTrue();
        DerCursor fields = parts.inside();
        var tbs = new ByteArrayOutputStream();
        for (int i = 0; fields.next(); i++) {
            tbs.writeBytes(i == index ? field : fields.element());
        }
        var certificate = new ByteArrayOutputStream();
        certificate.writeBytes(element(0x30, tbs.toByteArray()));
        while (parts.next()) {
            certificate.writeBytes(parts.element());
        }
        return element(0x30, certificate.toByteArray());
    }

    private static byte[] element(int tag, byte[]... parts) {
        var content = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            content.writeBytes(part);
        }
        var out = new ByteArrayOutputStream();
        out.write(tag);
        int length = content.size();
        if (length > 0x7f) {
            out.write(0x82);
            out.write(length >> 8);
        }
        out.write(length);
        out.writeBytes(content.toByteArray());
        return out.toByteArray();
    }
}
