using MemoryMesh.ServiceDefaults.Storage;

namespace MemoryMesh.Tests.Unit.Storage;

public class OrderedIdTests
{
    [Test]
    public void Ids_of_one_moment_rise_in_the_order_of_their_bytes()
    {
        var ids = OrderedIds.Create(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero), 500);
        Assert.That(ids.Select(id => Convert.ToHexString(id.ToByteArray(bigEndian: true))), Is.Ordered.Using((IComparer<string>)StringComparer.Ordinal));
        Assert.That(ids, Is.Unique);
        Assert.That(ids.Select(id => id.ToString()[..13]), Is.All.EqualTo(ids[0].ToString()[..13]), "They keep their time.");
    }
}
