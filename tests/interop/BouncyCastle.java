import java.io.File;
import java.nio.file.Files;
import java.security.MessageDigest;
import java.util.Collection;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.cms.Attribute;
import org.bouncycastle.asn1.cms.AttributeTable;
import org.bouncycastle.asn1.cms.CMSAttributes;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cms.jcajce.JcaSimpleSignerInfoVerifierBuilder;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.tsp.TimeStampRequest;
import org.bouncycastle.tsp.TimeStampResponse;
import org.bouncycastle.tsp.TimeStampToken;

/** Arguments: request, response, data, classic or hybrid. Exit 0: Bouncy Castle takes the token for the request and data. */
public final class BouncyCastle {
    @SuppressWarnings("unchecked") // the library's store of certificates has no type argument
    public static void main(String[] args) throws Exception {
        TimeStampRequest request = new TimeStampRequest(read(args[0]));
        TimeStampResponse response = new TimeStampResponse(read(args[1]));
        response.validate(request); // status, nonce, imprint, policy
        TimeStampToken token = response.getTimeStampToken();
        Collection<X509CertificateHolder> certs = token.getCertificates().getMatches(token.getSID());
        X509CertificateHolder leaf = certs.iterator().next();
        token.validate(new JcaSimpleSignerInfoVerifierBuilder().setProvider(new BouncyCastleProvider()).build(leaf));
        byte[] digest = MessageDigest.getInstance("SHA-512").digest(read(args[2]));
        if (!MessageDigest.isEqual(digest, token.getTimeStampInfo().getMessageImprintDigest())) {
            throw new IllegalStateException("imprint is not of the data");
        }
        Attribute protection = token.getSignedAttributes().get(CMSAttributes.cmsAlgorithmProtect);
        if (protection == null || !unsignedAttributes(token.getUnsignedAttributes(), args[3].equals("hybrid"))) {
            throw new IllegalStateException("attributes");
        }
        if (!java.util.Arrays.equals(token.getEncoded("DER"), token.getEncoded())) {
            throw new IllegalStateException("the token is not DER");
        }
        System.out.println("genTime " + token.getTimeStampInfo().getGenTime() + " accuracy "
                + token.getTimeStampInfo().getGenTimeAccuracy().getMillis() + " ms + "
                + token.getTimeStampInfo().getGenTimeAccuracy().getSeconds() + " s");
    }

    /** None, or the evidence record alone. */
    private static boolean unsignedAttributes(AttributeTable table, boolean hybrid) {
        if (!hybrid) {
            return table == null;
        }
        return table != null && table.size() == 1
                && table.get(new ASN1ObjectIdentifier("1.2.840.113549.1.9.16.2.49")) != null;
    }

    private static byte[] read(String path) throws Exception {
        return Files.readAllBytes(new File(path).toPath());
    }
}
