using MemoryMesh.ServiceDefaults.Configuration;

namespace MemoryMesh.Tests.Unit.Configuration;

public class QdrantAddressTests
{
    [TestCase("http://vectors:6333", null, "http://vectors:6333/", "http://vectors:6334/", null)]
    [TestCase("https://vectors:443/", null, "https://vectors/", "https://vectors:6334/", null)]
    [TestCase("Endpoint=http://vectors:6334;Key=a=b", null, "http://vectors:6333/", "http://vectors:6334/", "a=b")]
    [TestCase("Endpoint=http://localhost:6334;Key=k", "Endpoint=http://localhost:32801;Key=k", "http://localhost:32801/", "http://localhost:6334/", "k")]
    [TestCase("Endpoint=http://localhost:32802;Key=k", "Endpoint=http://localhost:32801;Key=k", "http://localhost:32801/", "http://localhost:32802/", "k")]
    [TestCase("http://vectors:6333", "http://proxy:9000", "http://proxy:9000/", "http://vectors:6334/", null)]
    [TestCase("http://vectors:9000", null, "http://vectors:9000/", "http://vectors:6334/", null)]
    [TestCase("Endpoint=http://vectors:6334", "http://vectors:9000", "http://vectors:9000/", "http://vectors:6334/", null)]
    [TestCase("endpoint=http://vectors:6334; key='p;w'", null, "http://vectors:6333/", "http://vectors:6334/", "p;w")]
    public void Both_forms_are_read(string text, string? http, string rest, string grpc, string? key)
        => Assert.That(QdrantAddress.Parse(text, http), Is.EqualTo(new QdrantAddress(new Uri(rest), new Uri(grpc), key)));

    [TestCase("vectors:6333")]
    [TestCase("")]
    [TestCase("Host=vectors;Port=6333")]
    [TestCase("Endpoint=vectors")]
    [TestCase("ftp://vectors")]
    [TestCase("http://user:secret@vectors:6333")]
    [TestCase("http://vectors:6333?api_key=secret")]
    public void Anything_else_is_no_address(string text)
    {
        Assert.That(QdrantAddress.Parse(text), Is.Null);
        Assert.That(QdrantAddress.Parse("http://vectors:6333", text), text.Length == 0 ? Is.Not.Null : Is.Null);
    }
}
