using MemoryMesh.AppHost.Aspire;
using MemoryMesh.AppHost.Aspire.Kubernetes;

// The app model: what runs, what knows what, and what of it is seen from outside. `dotnet run` starts it with the dashboard; the publishers write
// aspire-manifest.json and deploy/kubernetes of it (docs/deployment.md).
var builder = DistributedApplication.CreateBuilder(args);
var settings = AppSettings.Read(builder.Configuration);
var cluster = Cluster.Add(builder, settings);
var engines = Engines.Add(builder, cluster, settings);
Services.Add(builder, engines, cluster, settings);
builder.Build().Run();
