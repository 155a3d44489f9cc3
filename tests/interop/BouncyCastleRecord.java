import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Date;
import org.bouncycastle.asn1.tsp.ArchiveTimeStamp;
import org.bouncycastle.asn1.tsp.EvidenceRecord;
import org.bouncycastle.operator.DigestCalculatorProvider;
import org.bouncycastle.operator.jcajce.JcaDigestCalculatorProviderBuilder;
import org.bouncycastle.tsp.TimeStampToken;
import org.bouncycastle.cms.CMSSignedData;
import org.bouncycastle.tsp.ers.ERSByteData;
import org.bouncycastle.tsp.ers.ERSEvidenceRecord;
import org.bouncycastle.tsp.ers.ERSException;

/** Arguments: X.classic.tst, X.er, X.pq.tst. Exit 0: the record is of the first and holds the last. */
public final class BouncyCastleRecord {
    private static final Date LATER = new Date(4102444800000L); // 2100: after any genTime

    public static void main(String[] args) throws Exception {
        DigestCalculatorProvider digests = new JcaDigestCalculatorProviderBuilder().build();
        byte[] data = Files.readAllBytes(Path.of(args[0]));
        byte[] bytes = Files.readAllBytes(Path.of(args[1]));
        byte[] archive = Files.readAllBytes(Path.of(args[2]));
        EvidenceRecord record = EvidenceRecord.getInstance(bytes);
        if (!Arrays.equals(record.getEncoded("DER"), bytes)) {
            throw new IllegalStateException("the record is not DER");
        }
        ArchiveTimeStamp stamp = record.getArchiveTimeStampSequence().getArchiveTimeStampChains()[0].getArchiveTimestamps()[0];
        if (!Arrays.equals(stamp.getTimeStamp().getEncoded("DER"), archive)) {
            throw new IllegalStateException("another archive time-stamp");
        }
        ERSEvidenceRecord evidence = new ERSEvidenceRecord(record, digests);
        evidence.validatePresent(new ERSByteData(data), LATER);
        new TimeStampToken(new CMSSignedData(archive));
        data[data.length - 1] ^= 1;
        try {
            evidence.validatePresent(new ERSByteData(data), LATER);
        } catch (ERSException refused) {
            System.out.println("Bouncy Castle verifies the record, and finds no other token in it");
            return;
        }
        throw new IllegalStateException("another token was found");
    }
}
