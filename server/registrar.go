package server

import (
	"time"

	"google.golang.org/grpc"
)

// registrar is a grpc.Server whose services have the server's layers around every method.
//
// gRPC itself runs interceptors of a method with one message after it has read that. Here
// such a method is registered as a stream, which is the same on the wire, and reads its
// message inside the layers: so nobody makes the service hold a message who may not call.
type registrar struct {
	*grpc.Server
	layers []grpc.StreamServerInterceptor
}

// RegisterService implements grpc.ServiceRegistrar.
func (r registrar) RegisterService(desc *grpc.ServiceDesc, impl any) {
	own := *desc
	own.Methods, own.Streams = nil, nil
	for _, m := range desc.Methods {
		own.Streams = append(own.Streams, r.layered(desc, grpc.StreamDesc{StreamName: m.MethodName, Handler: oneMessage(m)}))
	}
	for _, d := range desc.Streams {
		own.Streams = append(own.Streams, r.layered(desc, d))
	}
	r.Server.RegisterService(&own, impl)
}

// layered is d inside the layers, and held by its lease for as long as it runs.
func (r registrar) layered(service *grpc.ServiceDesc, d grpc.StreamDesc) grpc.StreamDesc {
	info := &grpc.StreamServerInfo{
		FullMethod: "/" + service.ServiceName + "/" + d.StreamName, IsClientStream: d.ClientStreams, IsServerStream: d.ServerStreams,
	}
	handler := within(r.layers, info, d.Handler)
	d.Handler = func(srv any, ss grpc.ServerStream) error {
		ss = newAnswering(ss)
		l := leaseOf(ss.Context())
		if l.refused != nil {
			return pushedBack(ss, l.refused)
		}
		defer l.hold()()
		return handler(srv, ss)
	}
	return d
}

// elsewhere answers calls of methods that there are not. It reads nothing of them and asks
// nobody who calls, as what there is anybody can read in the contract; their places are
// counted as those of others are.
func (s *Server) elsewhere() grpc.StreamHandler {
	handler := func(_ any, ss grpc.ServerStream) error {
		method, _ := grpc.MethodFromServerStream(ss)
		return s.turnAway(ss.Context(), method, errNoMethod)
	}
	r := registrar{layers: []grpc.StreamServerInterceptor{s.identify()}}
	return r.layered(&grpc.ServiceDesc{ServiceName: "unknown"}, grpc.StreamDesc{StreamName: "unknown", Handler: handler}).Handler
}

// oneMessage reads the message of a method that has only one, and sends its answer.
func oneMessage(m grpc.MethodDesc) grpc.StreamHandler {
	return func(srv any, ss grpc.ServerStream) error {
		v := visitOf(ss.Context())
		read := func(message any) error {
			err := ss.RecvMsg(message)
			v.read = time.Now()
			return err
		}
		reply, err := m.Handler(srv, ss.Context(), read, nil)
		if err != nil {
			return err
		}
		_ = ss.SetHeader(v.header()) // fails only where the call has ended, as SendMsg says in better words
		return ss.SendMsg(reply)
	}
}
