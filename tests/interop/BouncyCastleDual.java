import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cms.CMSSignedData;
import org.bouncycastle.cms.SignerInformation;
import org.bouncycastle.cms.SignerInformationVerifier;
import org.bouncycastle.cms.jcajce.JcaSimpleSignerInfoVerifierBuilder;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.tsp.TSPException;
import org.bouncycastle.tsp.TimeStampToken;

/** Arguments: a hybrid token, a dual one, the certificate of their classic key. Exit 0: Bouncy Castle takes the first; the
 * second is no time-stamp to it, but a SignedData with two signers: one that it verifies, one of ML-DSA-65; each with the
 * attribute that names the other. */
public final class BouncyCastleDual {
    private static final ASN1ObjectIdentifier MULTIPLE_SIGNATURES = new ASN1ObjectIdentifier("1.2.840.113549.1.9.16.2.51");
    private static final Set<String> KEYS = Set.of("1.2.840.10045.4.3.3", "2.16.840.1.101.3.4.3.18");

    public static void main(String[] args) throws Exception {
        X509CertificateHolder leaf = new X509CertificateHolder(Files.readAllBytes(Path.of(args[2])));
        SignerInformationVerifier classic =
                new JcaSimpleSignerInfoVerifierBuilder().setProvider(new BouncyCastleProvider()).build(leaf);
        new TimeStampToken(new CMSSignedData(Files.readAllBytes(Path.of(args[0])))).validate(classic);
        CMSSignedData dual = new CMSSignedData(Files.readAllBytes(Path.of(args[1])));
        try {
            new TimeStampToken(dual);
            throw new IllegalStateException("a token with two signers was taken");
        } catch (IllegalArgumentException | TSPException refused) {
            System.out.println("Bouncy Castle: " + refused.getMessage());
        }
        Set<String> keys = new HashSet<>();
        for (SignerInformation signer : dual.getSignerInfos()) {
            keys.add(signer.getEncryptionAlgOID());
            if (signer.getSignedAttributes().get(MULTIPLE_SIGNATURES) == null) {
                throw new IllegalStateException("a signer that names no other");
            }
            if (signer.getSID().match(leaf) && !signer.verify(classic)) {
                throw new IllegalStateException("the classic signature is not genuine");
            }
        }
        if (!keys.equals(KEYS)) {
            throw new IllegalStateException("signed with " + keys);
        }
    }
}
