using MemoryMesh.Search.Index.Vectors;

namespace MemoryMesh.Tests.Unit.Search;

public class SignStoreTests
{
    [Test]
    public void What_is_fitted_takes_what_it_holds_and_goes_on_growing()
    {
        var store = new SignStore();
        var spans = Enumerable.Range(1, 100).Select(value => store.Add(Signs(value))).ToList();
        store.Fit();
        Assert.That(store.Bytes, Is.LessThan((100 * 48) + 48 * 3), "rests at the ends of chunks alone, each too short for the next");
        spans.AddRange(Enumerable.Range(101, 100).Select(value => store.Add(Signs(value))));
        store.Fit();
        store.Fit();
        for (var value = 1; value <= spans.Count; value++)
        {
            Assert.That(store[spans[value - 1]].ToArray(), Is.EqualTo(Signs(value)));
        }
    }

    [Test]
    public void One_without_signs_can_be_fitted()
    {
        var store = new SignStore();
        store.Fit();
        Assert.That(store.Bytes, Is.Zero);
    }

    private static byte[] Signs(int value) => Enumerable.Repeat((byte)value, 48).ToArray();
}
