using MemoryMesh.Gateway;
using MemoryMesh.ServiceDefaults.Hosting;

var builder = MemoryMeshHost.CreateBuilder(args, GatewayModule.Name);
builder.Services.AddGatewayModule();

var app = builder.Build();
app.UseMemoryMeshGateway();
app.MapGatewayEndpoints();
return await app.RunMemoryMeshAsync();
