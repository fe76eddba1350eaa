using MemoryMesh.Gateway;
using MemoryMesh.ServiceDefaults.Hosting;
using MemoryMesh.ServiceDefaults.Internal;

var builder = MemoryMeshHost.CreateBuilder(args, GatewayModule.Name);
builder.Services
    .AddAuthHttpClient()
    .AddGatewayModule();

var app = builder.Build();
app.UseMemoryMeshGateway();
app.MapGatewayEndpoints();
return await app.RunMemoryMeshAsync();
