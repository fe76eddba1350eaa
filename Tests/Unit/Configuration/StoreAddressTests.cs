using MemoryMesh.ServiceDefaults.Configuration;

namespace MemoryMesh.Tests.Unit.Configuration;

public class StoreAddressTests
{
    [TestCase("postgres://db/m", "database=m;host=db;port=5432")]
    [TestCase("postgresql://u:p@db:6543/m", "database=m;host=db;password=p;port=6543;username=u")]
    [TestCase("postgresql+asyncpg://u:p@db/m", "database=m;host=db;password=p;port=5432;username=u")]
    [TestCase("postgresql+psycopg2://u:p%40%3A%2F@db/m?sslmode=require", "database=m;host=db;password=p@:/;port=5432;ssl mode=require;username=u")]
    [TestCase("postgresql://u@[2001:db8::1]:5433/m", "database=m;host=2001:db8::1;port=5433;username=u")]
    [TestCase("postgresql://a,b:5433/m", "database=m;host=a,b;port=5432,5433")]
    [TestCase("postgresql:///m?host=%2Frun%2Fpostgresql", "database=m;host=/run/postgresql;port=5432")]
    [TestCase("host=db dbname=m user=u password='p \\'q\\''", "database=m;host=db;password=p 'q';port=5432;username=u")]
    [TestCase("host = db port = 6543", "host=db;port=6543")]
    [TestCase("Host=db;Port=5432;Database=m;Username=u;Password=p", "database=m;host=db;password=p;port=5432;username=u")]
    [TestCase("Server=db;User Id=u;Pwd=\"p;q\";Initial Catalog=m;SSL Mode=Require", "database=m;host=db;password=p;q;port=5432;ssl mode=Require;username=u")]
    public void Every_form_of_an_address_of_postgres_is_read(string text, string expected)
    {
        var builder = new System.Data.Common.DbConnectionStringBuilder { ConnectionString = StoreAddresses.NormalizePostgres(text) };
        Assert.That(string.Join(';', builder.Keys.Cast<string>().Order(StringComparer.Ordinal).Select(key => $"{key}={builder[key]}")), Is.EqualTo(expected));
    }

    [TestCase("sqlite://", false)]
    [TestCase("sqlite:///:memory:", false)]
    [TestCase("sqlite:///./memory.db", true)]
    [TestCase("sqlite+aiosqlite:////var/lib/memory.db", true)]
    [TestCase("sqlite:memory.db", true)]
    [TestCase("Data Source=/var/lib/memory.db", true)]
    [TestCase("Data Source=:memory:", false)]
    public void Every_form_of_an_address_of_sqlite_means_the_embedded_store(string text, bool namesFile)
    {
        Assert.That(StoreAddresses.NormalizePostgres(text), Is.EqualTo(StoreAddresses.Embedded));
        Assert.That(StoreAddresses.NamesFile(text), Is.EqualTo(namesFile));
    }

    [TestCase("mysql://db/m")]
    [TestCase("postgres")]
    [TestCase("postgres://")]
    [TestCase("postgres://db:0/m")]
    [TestCase("postgres://db:99999/m")]
    [TestCase("postgres://u:p@ss@db/m")]
    [TestCase("dbname=m")]
    [TestCase("Database=m;Username=u")]
    [TestCase("host=a host=b")]
    [TestCase("Host=a;=b")]
    public void What_is_no_address_of_postgres_is_refused(string text) => Assert.That(StoreAddresses.NormalizePostgres(text), Is.Null);

    [TestCase("redis://cache", "cache:6379")]
    [TestCase("redis://:p%40ss@cache:6380/2", "cache:6380,password=p@ss,defaultDatabase=2")]
    [TestCase("rediss://u:p@cache", "cache:6379,user=u,password=p,ssl=True")]
    [TestCase("redis://default:p@cache", "cache:6379,password=p")]
    [TestCase("redis://:a%2Cb@cache", null)]
    [TestCase("cache:6379,password=p", "cache:6379,password=p")]
    [TestCase("a:1,b:2,abortConnect=false", "a:1,b:2,abortConnect=false")]
    [TestCase("http://cache", null)]
    [TestCase("redis://", null)]
    public void Forms_of_an_address_of_redis_are_read(string text, string? expected) => Assert.That(StoreAddresses.NormalizeRedis(text), Is.EqualTo(expected));

    [TestCase("mongodb://u:p@a:27017,b:27017/m?replicaSet=rs", true)]
    [TestCase("mongodb+srv://cluster.example.net", true)]
    [TestCase("mongodb://", false)]
    [TestCase("mongo://a", false)]
    public void Forms_of_an_address_of_mongodb_are_read(string text, bool valid) => Assert.That(StoreAddresses.NormalizeMongo(text), valid ? Is.EqualTo(text) : Is.Null);
}
