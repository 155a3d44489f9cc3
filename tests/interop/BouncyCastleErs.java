import java.io.File;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.Date;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.tsp.EvidenceRecord;
import org.bouncycastle.cms.CMSSignedData;
import org.bouncycastle.cms.SignerInformation;
import org.bouncycastle.cms.SignerInformationStore;
import org.bouncycastle.operator.DigestCalculatorProvider;
import org.bouncycastle.operator.jcajce.JcaDigestCalculatorProviderBuilder;
import org.bouncycastle.tsp.ers.ERSByteData;
import org.bouncycastle.tsp.ers.ERSEvidenceRecord;
import org.bouncycastle.tsp.ers.ERSException;

/** Argument: a folder of tokens. Exit 0: Bouncy Castle finds each token, without its record, in the record's tree and
 * the root in the record's time-stamp; and another token not. */
public final class BouncyCastleErs {
    private static final ASN1ObjectIdentifier ER_INTERNAL = new ASN1ObjectIdentifier("1.2.840.113549.1.9.16.2.49");
    private static final Date LATER = new Date(4102444800000L); // 2100: after any genTime

    public static void main(String[] args) throws Exception {
        DigestCalculatorProvider digests = new JcaDigestCalculatorProviderBuilder().build();
        File[] files = new File(args[0]).listFiles();
        Arrays.sort(files);
        for (File file : files) {
            CMSSignedData token = new CMSSignedData(Files.readAllBytes(file.toPath()));
            SignerInformation signer = token.getSignerInfos().iterator().next();
            EvidenceRecord record = EvidenceRecord.getInstance(
                    signer.getUnsignedAttributes().get(ER_INTERNAL).getAttrValues().getObjectAt(0));
            SignerInformation bare = SignerInformation.replaceUnsignedAttributes(signer, null);
            byte[] dataObject = CMSSignedData.replaceSigners(token, new SignerInformationStore(bare)).getEncoded();
            ERSEvidenceRecord evidence = new ERSEvidenceRecord(record, digests);
            evidence.validatePresent(new ERSByteData(dataObject), LATER);
            dataObject[dataObject.length - 1] ^= 1;
            try {
                evidence.validatePresent(new ERSByteData(dataObject), LATER);
            } catch (ERSException refused) {
                continue;
            }
            throw new IllegalStateException(file + ": another token was found");
        }
        System.out.println(files.length + " tokens found");
    }
}
