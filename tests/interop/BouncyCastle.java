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

/** Arguments: data, the authority's certificate in DER, then triples: request, response, classic or hybrid. Exit 0: Bouncy
 * Castle takes each token for its request and the data. */
public final class BouncyCastle {
    public static void main(String[] args) throws Exception {
        X509CertificateHolder known = new X509CertificateHolder(read(args[1]));
        for (int i = 2; i + 2 < args.length; i += 3) {
            check(read(args[0]), known, args[i], args[i + 1], args[i + 2].equals("hybrid"));
        }
        System.out.println((args.length - 2) / 3 + " tokens taken");
    }

    @SuppressWarnings("unchecked") // the library's store of certificates has no type argument
    private static void check(byte[] data, X509CertificateHolder known, String query, String reply, boolean hybrid)
            throws Exception {
        TimeStampRequest request = new TimeStampRequest(read(query));
        TimeStampResponse response = new TimeStampResponse(read(reply));
        response.validate(request); // status, nonce, imprint, policy
        TimeStampToken token = response.getTimeStampToken();
        Collection<X509CertificateHolder> certs = token.getCertificates().getMatches(token.getSID());
        if (certs.isEmpty() == request.getCertReq()) {
            throw new IllegalStateException(query + ": certificates");
        }
        X509CertificateHolder leaf = certs.isEmpty() ? known : certs.iterator().next();
        token.validate(new JcaSimpleSignerInfoVerifierBuilder().setProvider(new BouncyCastleProvider()).build(leaf));
        byte[] digest = MessageDigest.getInstance(token.getTimeStampInfo().getMessageImprintAlgOID().getId()).digest(data);
        if (!MessageDigest.isEqual(digest, token.getTimeStampInfo().getMessageImprintDigest())) {
            throw new IllegalStateException("imprint is not of the data");
        }
        Attribute protection = token.getSignedAttributes().get(CMSAttributes.cmsAlgorithmProtect);
        if (protection == null || !unsignedAttributes(token.getUnsignedAttributes(), hybrid)) {
            throw new IllegalStateException("attributes");
        }
        if (!java.util.Arrays.equals(token.getEncoded("DER"), token.getEncoded())) {
            throw new IllegalStateException("the token is not DER");
        }
        if (token.getTimeStampInfo().getGenTimeAccuracy() == null) {
            throw new IllegalStateException("no accuracy");
        }
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
